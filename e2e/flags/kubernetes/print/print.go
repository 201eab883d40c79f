// Package print writes down what flags a program takes.
package print

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/component-base/cli"
)

// Command prints the flags that a command takes once it is run, hidden ones included.
func Command(command *cobra.Command) {
	command.PersistentPreRunE = nil
	command.RunE = func(running *cobra.Command, _ []string) error {
		running.Flags().VisitAll(func(flag *pflag.Flag) {
			if flag.Name != "help" {
				fmt.Println(flag.Name, flag.Value.Type())
			}
		})
		return nil
	}
	command.SetArgs([]string{})
	os.Exit(cli.Run(command))
}
