// Package controllers stands in for the module of this name, which the module proxy does not serve: the operator uses
// nothing of it but one name.
package controllers

// DerivedServiceAnnotation is the annotation that ties a Service to the ServiceImport it was made for.
const DerivedServiceAnnotation = "multicluster.kubernetes.io/derived-service"
