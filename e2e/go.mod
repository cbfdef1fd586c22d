module github.com/wsxgo/wsx/e2e

go 1.26

require github.com/wsxgo/wsx v0.0.0

replace github.com/wsxgo/wsx => ../
