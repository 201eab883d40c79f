package main

import (
	"flag"
	"fmt"

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.FlagSet().VisitAll(func(f *flag.Flag) {
		fmt.Println(f.Name, pflag.PFlagFromGoFlag(f).Value.Type())
	})
}
