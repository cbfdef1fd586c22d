package main

import (
	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/dom"
)

// verbs contains a fragment for each verb, by the name of its constructor.
var verbs = map[string]func() wsx.Fragment{
	"SetText":     func() wsx.Fragment { return dom.SetText("#v-SetText", "1 < 2") },
	"Remove":      func() wsx.Fragment { return dom.Remove("#v-Remove") },
	"SetValue":    func() wsx.Fragment { return dom.SetValue("#v-SetValue", "Set by the server") },
	"SetAttr":     func() wsx.Fragment { return dom.SetAttr("#v-SetAttr", "open", "") },
	"RemoveAttr":  func() wsx.Fragment { return dom.RemoveAttr("#v-RemoveAttr", "open") },
	"AddClass":    func() wsx.Fragment { return dom.AddClass("#v-AddClass", "problem") },
	"RemoveClass": func() wsx.Fragment { return dom.RemoveClass("#v-RemoveClass", "problem") },
	"ToggleClass": func() wsx.Fragment { return dom.ToggleClass("#v-ToggleClass", "problem") },
	"Focus":       func() wsx.Fragment { return dom.Focus("#v-Focus") },
	"ScrollTo":    func() wsx.Fragment { return dom.ScrollTo("#sending") },
	"Dispatch":    func() wsx.Fragment { return dom.Dispatch("#basket", "item-added", map[string]int{"id": 7}) },
	"SetTitle":    func() wsx.Fragment { return dom.SetTitle("Another title · wsx") },
	"PushURL":     func() wsx.Fragment { return dom.PushURL("/?pushed") },
	"ReplaceURL":  func() wsx.Fragment { return dom.ReplaceURL("/?replaced") },
	"Navigate":    func() wsx.Fragment { return dom.Navigate("/#verbs") },
	"Reload":      func() wsx.Fragment { return dom.Reload() },
	"Announce":    func() wsx.Fragment { return dom.Announce("You have one new message") },
}
