package main

import (
	"flag"
	"fmt"

	// Plugins have no flags.
	_ "github.com/coredns/coredns/coremain"
	"github.com/spf13/pflag"
)

func main() {
	flag.VisitAll(func(f *flag.Flag) {
		fmt.Println(f.Name, pflag.PFlagFromGoFlag(f).Value.Type())
	})
}
