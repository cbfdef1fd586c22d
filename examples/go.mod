module github.com/wsxgo/wsx/examples

go 1.26

require github.com/wsxgo/wsx v0.0.0

replace github.com/wsxgo/wsx => ../
