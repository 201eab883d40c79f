// Package print writes down what flags a program takes.
package print

import (
	"flag"
	"fmt"
	"strings"

	"github.com/spf13/pflag"
	"k8s.io/klog/v2"
)

// Flags prints flags, and those of the log, which the programs add in their main functions.
func Flags(flags *pflag.FlagSet) {
	log := flag.NewFlagSet("log", flag.ContinueOnError)
	klog.InitFlags(log)
	log.VisitAll(func(f *flag.Flag) {
		f.Name = strings.ReplaceAll(f.Name, "_", "-")
		flags.AddGoFlag(f)
	})
	flags.VisitAll(func(f *pflag.Flag) {
		fmt.Println(f.Name, f.Value.Type())
	})
}
