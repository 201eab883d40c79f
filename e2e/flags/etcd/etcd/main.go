package main

import (
	"flag"
	"fmt"
	"reflect"
	"strings"

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.FlagSet().VisitAll(func(f *flag.Flag) {
		fmt.Println(f.Name, pflag.PFlagFromGoFlag(f).Value.Type())
		// The value of feature-gates knows them; etcd 3.5 has none, nor the package of their type.
		if all := reflect.ValueOf(f.Value).MethodByName("GetAll"); all.IsValid() {
			printGates(f.Name, all.Call(nil)[0])
		}
	})
}

func printGates(flag string, gates reflect.Value) {
	for _, name := range gates.MapKeys() {
		gate := gates.MapIndex(name)
		words := []string{strings.ToLower(gate.FieldByName("PreRelease").String()), "off"}
		switch words[0] {
		case "pre-alpha":
			// To set it is an error.
			continue
		case "":
			words[0] = "ga"
		}
		if gate.FieldByName("Default").Bool() {
			words[1] = "on"
		}
		if gate.FieldByName("LockToDefault").Bool() {
			words = append(words, "locked")
		}
		fmt.Printf("%s=%s %s\n", flag, name, strings.Join(words, "/"))
	}
}
