package main

import (
	"flags/print"

	"k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func main() {
	print.Command(app.NewSchedulerCommand(), nil)
}
