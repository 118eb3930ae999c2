// The usual wrapper in Go, for comparison: config.json into a map and back, and the real runtime in its place.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	runtime := os.Getenv("SGS_RUNC_PATH")
	verb, bundle := scan(os.Args[1:])
	if verb == "create" {
		if err := rewrite(filepath.Join(bundle, "config.json")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	err := syscall.Exec(runtime, append([]string{"runc"}, os.Args[1:]...), os.Environ())
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func scan(args []string) (verb, bundle string) {
	bundle = "."
	for i, arg := range args {
		switch {
		case (arg == "-b" || arg == "--bundle") && i+1 < len(args):
			bundle = args[i+1]
		case strings.HasPrefix(arg, "--bundle="):
			bundle = strings.TrimPrefix(arg, "--bundle=")
		case arg == "create":
			verb = arg
		}
	}
	return verb, bundle
}

func rewrite(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var spec map[string]any
	if err := json.Unmarshal(text, &spec); err != nil {
		return err
	}
	annotations, _ := spec["annotations"].(map[string]any)
	name, asked := annotations["sgs.snucse.org/os-volume"].(string)
	if !asked {
		return nil
	}
	mounts, _ := spec["mounts"].([]any)
	for _, each := range mounts {
		if source, _ := each.(map[string]any)["source"].(string); strings.Contains(source, "/"+name+"/") {
			spec["root"] = map[string]any{"path": source}
		}
	}
	if text, err = json.Marshal(spec); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}
