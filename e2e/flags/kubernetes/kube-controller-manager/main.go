package main

import (
	"flags/print"

	"k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

func main() {
	print.Command(app.NewControllerManagerCommand(), nil)
}
