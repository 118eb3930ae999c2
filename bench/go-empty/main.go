// What any program in Go costs.
package main

func main() {}
