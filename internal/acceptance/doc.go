// Package acceptance tests the library as programs use it: through its exported names, with
// browsers in memory or on real sockets. It holds nothing but tests.
//
// Files are named by what they test, in the words of the library's own files. The files support_*
// hold what several tests use.
package acceptance
