package native

import "github.com/drydock-cli/drydock/detect"

func cobolAt(dir detect.Dir) []detect.Component { return nil }
