module github.com/wsxgo/wsx/e2e

go 1.26.0

require (
	github.com/chromedp/chromedp v0.22.1
	github.com/stretchr/testify v1.12.1
	github.com/wsxgo/wsx v0.0.0-00010101000000-000000000000
)

require (
	github.com/coder/websocket v1.8.15 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/time v0.16.0 // indirect
)

require (
	github.com/chromedp/cdproto v0.159.0
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
)

replace github.com/wsxgo/wsx => ../
