// Renders a Helm chart if helm is not available: with Go's own template engine and sprig, which Helm uses, and the few
// functions that Helm adds. It does not support dependencies, hooks, lookups or capabilities, and does not check the
// values against their schema.
//
//	go run render.go CHART RELEASE NAMESPACE VALUES.json
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

type files struct{ root string }

// Get returns the text of a file in the chart. As in Helm, it is empty if the file does not exist.
func (f files) Get(name string) string {
	text, _ := os.ReadFile(filepath.Join(f.root, name))
	return string(text)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(path string) map[string]interface{} {
	text, err := os.ReadFile(path)
	check(err)
	values := map[string]interface{}{}
	check(yaml.Unmarshal(text, &values))
	return values
}

// merge overwrites values with others, and merges maps recursively.
func merge(under, over map[string]interface{}) map[string]interface{} {
	for key, value := range over {
		if inner, ok := value.(map[string]interface{}); ok {
			if below, ok := under[key].(map[string]interface{}); ok {
				under[key] = merge(below, inner)
				continue
			}
		}
		under[key] = value
	}
	return under
}

func main() {
	root, release, namespace, own := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	chart := map[string]interface{}{}
	for key, value := range read(filepath.Join(root, "Chart.yaml")) {
		chart[strings.ToUpper(key[:1])+key[1:]] = value
	}
	data := map[string]interface{}{
		"Values":  merge(read(filepath.Join(root, "values.yaml")), read(own)),
		"Chart":   chart,
		"Release": map[string]interface{}{"Name": release, "Namespace": namespace, "Service": "Helm", "IsInstall": true, "Revision": 1},
		"Files":   files{root},
	}
	all := template.New("chart").Option("missingkey=zero")
	functions := sprig.TxtFuncMap()
	delete(functions, "env")
	delete(functions, "expandenv")
	functions["toYaml"] = func(value interface{}) string {
		text, err := yaml.Marshal(value)
		check(err)
		return strings.TrimSuffix(string(text), "\n")
	}
	functions["toJson"] = func(value interface{}) string {
		text, err := json.Marshal(value)
		check(err)
		return string(text)
	}
	functions["fromJson"] = func(text string) map[string]interface{} {
		value := map[string]interface{}{}
		check(json.Unmarshal([]byte(text), &value))
		return value
	}
	functions["include"] = func(name string, value interface{}) (string, error) {
		var text bytes.Buffer
		err := all.ExecuteTemplate(&text, name, value)
		return text.String(), err
	}
	all.Funcs(functions)
	paths, err := filepath.Glob(filepath.Join(root, "templates", "*"))
	check(err)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		check(err)
		_, err = all.New(filepath.Base(path)).Parse(string(text))
		check(err)
	}
	for _, path := range paths {
		name := filepath.Base(path)
		if strings.HasPrefix(name, "_") {
			continue
		}
		var text bytes.Buffer
		check(all.ExecuteTemplate(&text, name, data))
		result := strings.ReplaceAll(text.String(), "<no value>", "")
		if name == "NOTES.txt" || strings.TrimSpace(result) == "" {
			continue
		}
		fmt.Printf("---\n# Source: %s\n%s\n", name, result)
	}
}
