package etcdmain

import "flag"

// FlagSet returns the flags of etcd, which are not to be had from outside of the package.
func FlagSet() *flag.FlagSet {
	return newConfig().cf.flagSet
}
