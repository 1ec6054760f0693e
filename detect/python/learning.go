package python

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

var (
	invocations   = manifest.Lazy(`["']/?invocations["']`)
	modelFunction = manifest.Lazy(`^def (?:model_fn|predict_fn|input_fn|transform_fn)\s*\(`)
	trainingPlace = manifest.Lazy(`/opt/ml\b|\bSM_(?:MODEL_DIR|CHANNEL\w*|OUTPUT_DATA_DIR|HPS|NUM_GPUS)\b`)
)

// learningModules are packages that train models.
var learningModules = []string{"tensorflow", "torch", "keras", "sklearn", "xgboost", "lightgbm", "mxnet", "catboost", "transformers", "theano", "caffe", "paddle", "chainer", "fastai"}

// machineLearning are the components of code that serves or trains models for a platform that calls them by its own rules: answers at
// /invocations and /ping on port 8080, data and models below /opt/ml. nil: it is an application like others.
func (a *app) machineLearning() []detect.Component {
	var out []detect.Component
	if h, ok := a.first(invocations, "invocations"); ok && a.framework.V != "django" {
		out = append(out, a.inference(h))
	} else if h, ok := a.first(modelFunction, "_fn"); ok && (!a.entry.set() || !a.framework.Set()) {
		c := a.base(detect.Infer(detect.Inference, "a serving platform loads the model and asks it through these functions", h.evidence()))
		c.Name = a.name(detect.Inference)
		c.Port = detect.Infer(8080, "the platform calls this port", h.evidence())
		c.HealthPath = detect.Infer("/ping", "the platform asks there whether the model is loaded", h.evidence())
		c.Facts["model"] = detect.Is(h.name, h.evidence())
		if at, ok := a.bundledModel(); ok {
			c.Facts["modelDir"] = detect.Infer(path.Dir(at), "the repository brings a trained model", detect.Evidence{File: path.Join(a.dir.Path, at)})
		}
		c.Services, c.Env = a.services(&c, false), a.env(&c)
		a.readiness(&c)
		out = append(out, c)
	} else if a.entry.set() && a.framework.Set() {
		return nil
	}
	if c, ok := a.training(len(out) > 0); ok {
		out = append(out, c)
	}
	return out
}

// bundledModel is a file of a trained model that the repository brings.
func (a *app) bundledModel() (string, bool) {
	for f := range a.dir.Files() {
		switch dir := path.Dir(f); dir {
		case "model", "models", "artifacts", "opt/ml/model", "ml/model":
			if b := path.Base(f); !strings.HasSuffix(b, ".py") && !strings.HasSuffix(b, ".md") && b[0] != '.' {
				return f, true
			}
		}
	}
	return "", false
}

// inference is a web application that answers a platform's calls.
func (a *app) inference(h hit) detect.Component {
	c := a.base(detect.Infer(detect.Inference, "a serving platform asks it at /invocations", h.evidence()))
	c.Name = a.name(detect.Inference)
	a.serve(&c)
	if c.Port.From != detect.Declared {
		c.Port = detect.Infer(8080, "the platform calls this port", h.evidence())
		if words := a.webCommand(&c); words != nil {
			c.Processes = []detect.Process{{Name: "web", Command: words, From: detect.Inferred, Why: "how " + or(c.AppServer.V, "Python") + " starts it", Evidence: a.entry.evidence}}
		}
	}
	for i := range c.Processes {
		c.Processes[i].Name = "inference"
	}
	c.Services, c.Env = a.services(&c, false), a.env(&c)
	a.readiness(&c)
	c.HealthPath = a.health()
	return c
}

// training is a script that trains a model: one that reads what a training platform gives it, or one that says so by its name and trains.
func (a *app) training(beside bool) (detect.Component, bool) {
	var at hit
	var learns bool
	for _, m := range learningModules {
		if _, ok := a.imports(m); ok {
			learns = true
			break
		}
	}
	for _, h := range a.grep(a.files, trainingPlace, 40, "/opt/ml", "SM_") {
		b := strings.TrimSuffix(path.Base(h.name), ".py")
		if strings.Contains(b, "train") || strings.Contains(b, "main") || len(a.grep([]string{h.name}, mainGuard, 1, "__main__")) > 0 && !strings.Contains(b, "predict") && !strings.Contains(b, "serve") {
			if at = h; strings.Contains(b, "train") {
				break
			}
		}
	}
	if at.line == 0 && learns && !beside {
		for _, h := range a.grep(a.files, mainGuard, 100, "__main__") {
			if b := path.Base(h.name); strings.HasPrefix(b, "train") && strings.Count(h.name, "/") < 2 {
				at = h
				break
			}
		}
	}
	if at.line == 0 {
		for _, name := range a.rootScripts() {
			if f, err := a.dir.Read(name); err == nil && path.Base(name) == "train" {
				at = hit{file: f, name: name, line: 1}
			}
		}
	}
	if at.line == 0 {
		return detect.Component{}, false
	}
	c := a.base(detect.Infer(detect.Training, "the script trains a model and ends", at.evidence()))
	c.Name = a.name(detect.Training)
	if beside && a.dir.Path != "." {
		c.Name += "-training"
	}
	c.Processes = []detect.Process{{Name: "training", Command: []string{"python", at.name}, From: detect.Inferred, Why: "the script that trains", Evidence: []detect.Evidence{at.evidence()}}}
	c.Services, c.Env = a.services(&c, true), a.env(&c)
	if h, ok := a.first(trainingPlace, "/opt/ml", "SM_"); ok {
		c.Writes = append(c.Writes, detect.Infer("/opt/ml/model", "the platform takes the trained model from there", h.evidence()))
	}
	return c, true
}
