// Package print writes down what flags a program takes.
package print

import (
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/component-base/cli"
	"k8s.io/component-base/featuregate"
)

// Command prints the flags that a command takes once it is run, hidden ones included, and what the
// lists of some can consist of: feature gates, all of which are registered in one place by the
// packages that a program consists of, and the given names by flag.
func Command(command *cobra.Command, names map[string][]string) {
	command.PersistentPreRunE = nil
	command.RunE = func(running *cobra.Command, _ []string) error {
		running.Flags().VisitAll(func(flag *pflag.Flag) {
			if flag.Name != "help" {
				fmt.Println(flag.Name, flag.Value.Type())
			}
		})
		printGates()
		for flag, list := range names {
			for _, name := range list {
				fmt.Printf("%s=%s name\n", flag, name)
			}
		}
		return nil
	}
	command.SetArgs([]string{})
	os.Exit(cli.Run(command))
}

// Unlike the usage of the flag, this has also the gates of what is generally available or
// deprecated.
func printGates() {
	needs := map[featuregate.Feature][]featuregate.Feature{}
	// Since Kubernetes 1.35.
	if all, ok := utilfeature.DefaultMutableFeatureGate.(interface {
		Dependencies() map[featuregate.Feature][]featuregate.Feature
	}); ok {
		needs = all.Dependencies()
	}
	for name, gate := range utilfeature.DefaultMutableFeatureGate.GetAll() {
		words := []string{strings.ToLower(string(gate.PreRelease)), "off"}
		switch gate.PreRelease {
		case "PRE-ALPHA":
			// To set it is an error.
			continue
		case "":
			words[0] = "ga"
		}
		if gate.Default {
			words[1] = "on"
		}
		if gate.LockToDefault {
			words = append(words, "locked")
		}
		if len(needs[name]) > 0 {
			words = append(words, "needs:"+join(needs[name]))
		}
		fmt.Printf("feature-gates=%s %s\n", name, strings.Join(words, "/"))
	}
}

func join(names []featuregate.Feature) string {
	sorted := make([]string, 0, len(names))
	for _, name := range names {
		sorted = append(sorted, string(name))
	}
	sort.Strings(sorted)
	return strings.Join(sorted, ",")
}
