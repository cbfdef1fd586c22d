package main

import "github.com/wsxgo/wsx"

// verbs contains a fragment for each verb, by the name of its constructor.
var verbs = map[string]func() wsx.Fragment{
	"SetText":     func() wsx.Fragment { return wsx.SetText("#v-SetText", "1 < 2") },
	"Remove":      func() wsx.Fragment { return wsx.Remove("#v-Remove") },
	"SetValue":    func() wsx.Fragment { return wsx.SetValue("#v-SetValue", "Set by the server") },
	"SetAttr":     func() wsx.Fragment { return wsx.SetAttr("#v-SetAttr", "open", "") },
	"RemoveAttr":  func() wsx.Fragment { return wsx.RemoveAttr("#v-RemoveAttr", "open") },
	"AddClass":    func() wsx.Fragment { return wsx.AddClass("#v-AddClass", "problem") },
	"RemoveClass": func() wsx.Fragment { return wsx.RemoveClass("#v-RemoveClass", "problem") },
	"ToggleClass": func() wsx.Fragment { return wsx.ToggleClass("#v-ToggleClass", "problem") },
	"Focus":       func() wsx.Fragment { return wsx.Focus("#v-Focus") },
	"ScrollTo":    func() wsx.Fragment { return wsx.ScrollTo("#sending") },
	"Dispatch":    func() wsx.Fragment { return wsx.Dispatch("#basket", "item-added", map[string]int{"id": 7}) },
	"SetTitle":    func() wsx.Fragment { return wsx.SetTitle("Another title · wsx") },
	"PushURL":     func() wsx.Fragment { return wsx.PushURL("/?pushed") },
	"ReplaceURL":  func() wsx.Fragment { return wsx.ReplaceURL("/?replaced") },
	"Navigate":    func() wsx.Fragment { return wsx.Navigate("/#verbs") },
	"Reload":      func() wsx.Fragment { return wsx.Reload() },
	"Announce":    func() wsx.Fragment { return wsx.Announce("You have one new message") },
}
