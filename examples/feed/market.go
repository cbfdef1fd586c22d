package main

import (
	"fmt"
	"html/template"
	"math/rand/v2"

	"github.com/wsxgo/wsx"
)

var symbols = []string{"ACME", "BOLT", "CRUX", "DUNE", "ECHO", "FLUX"}

const flurry = 8 // quotes of one symbol in a row, then a trade

// A market generates random quotes and trades.
type market struct {
	prices map[string]float64
	turn   int
}

// A tick is a quote or a trade.
type tick struct {
	Symbol string
	Price  string
	Rises  bool
	Shares int // 0 for a quote
}

func newMarket() *market {
	m := &market{prices: make(map[string]float64)}
	for i, symbol := range symbols {
		m.prices[symbol] = 40 + 35*float64(i)
	}
	return m
}

// next returns the next tick as a target, a fragment and a swap.
func (m *market) next() (target string, html template.HTML, swap wsx.Swap, err error) {
	symbol := symbols[m.turn/(flurry+1)%len(symbols)]
	trade := m.turn%(flurry+1) == flurry
	m.turn++
	t := tick{Symbol: symbol}
	if trade {
		t.Shares = 10 * (1 + rand.IntN(90))
	} else {
		step := rand.NormFloat64() * m.prices[symbol] / 2000
		m.prices[symbol] = max(1, m.prices[symbol]+step)
		t.Rises = step >= 0
	}
	t.Price = fmt.Sprintf("%.2f", m.prices[symbol])
	if trade {
		html, err = wsx.Execute(pages, "trade", t)
		return "#trades", html, wsx.Prepend, err
	}
	html, err = wsx.Execute(pages, "price", t)
	return wsx.ID("price-" + symbol), html, wsx.Inner, err
}
