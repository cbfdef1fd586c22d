module github.com/wsxgo/wsx/client/build

go 1.26
