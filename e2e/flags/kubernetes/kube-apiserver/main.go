package main

import (
	"flags/print"

	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/pkg/kubeapiserver/options"
)

func main() {
	plugins := options.NewAdmissionOptions().GenericAdmission.Plugins.Registered()
	print.Command(app.NewAPIServerCommand(), map[string][]string{
		"disable-admission-plugins": plugins,
		"enable-admission-plugins":  plugins,
	})
}
