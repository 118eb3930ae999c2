// Creates containers as it is told on standard input, by go-runc or by the runtime alone, and prints the microseconds of each call.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	runc "github.com/containerd/go-runc"
)

func main() {
	command, root := os.Args[1], os.Args[2]
	client := &runc.Runc{Command: command, Root: root}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		how, id, bundle, pidFile := words[0], words[1], words[2], words[3]
		begin := time.Now()
		var err error
		if how == "client" {
			err = create(client, id, bundle, pidFile)
		} else {
			err = exec.Command(command, "--root", root, "create", "--bundle", bundle, "--pid-file", pidFile, id).Run()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(time.Since(begin).Microseconds())
	}
}

func create(client *runc.Runc, id, bundle, pidFile string) error {
	io, err := runc.NewNullIO()
	if err != nil {
		return err
	}
	defer io.Close()
	return client.Create(context.Background(), id, bundle, &runc.CreateOpts{IO: io, PidFile: pidFile})
}
