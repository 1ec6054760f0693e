package tui

import (
	"cmp"
	"path"
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
)

// lexerFor finds the rules for a file by its name; nil: it is shown without colours.
func lexerFor(name string) chroma.Lexer {
	base := path.Base(name)
	for _, l := range lexers() {
		for _, pattern := range l.Config().Filenames {
			if ok, err := path.Match(pattern, base); err == nil && ok {
				return l
			}
		}
	}
	return nil
}

// lexers are made when the first file is coloured; each compiles its rules when it is first used. They are our own, for what
// drydock writes and what legacy repositories are made of: the library's set parses itself while
// the program starts, which would cost every command a third of its time.
var lexers = sync.OnceValue(func() []chroma.Lexer {
	list := []chroma.Lexer{
		lexer(dockerRules, "Dockerfile Dockerfile.* *.dockerfile Containerfile Containerfile.*"),
		lexer(yamlRules, "*.yaml *.yml Gemfile.lock yarn.lock"),
		lexer(jsonRules, "*.json *.jsonc *.tfstate Pipfile.lock composer.lock"),
		lexer(propertiesRules, "*.properties *.ini *.cfg *.conf *.toml *.service *.tf *.hcl .env .env.* Procfile Procfile.* Pipfile poetry.lock Cargo.lock"),
	}
	for _, c := range codes() {
		list = append(list, lexer(c.rules, c.files))
	}
	return append(list, lexer(xmlRules, "*.xml *.html *.xhtml *.jsp *.jspx *.tld *.svg *.config *.erb *.vue *.csproj *.vbproj *.props *.targets"))
})

func lexer(rules func() chroma.Rules, files string) chroma.Lexer {
	return chroma.MustNewLexer(&chroma.Config{Filenames: strings.Fields(files)}, rules)
}

// Patterns that many languages share. A file that is shown may be made to be slow: none of them can match in two ways, and where
// an end may be missing, the end of the line or of the file will do.
const (
	doubleQuoted = `"(?>(?:[^"\\\n]+|\\[\s\S])*)(?:"|$)`
	singleQuoted = `'(?>(?:[^'\\\n]+|\\[\s\S])*)(?:'|$)`
	tripleDouble = `"""(?>(?:[^"]+|"(?!""))*)(?:"""|\z)`
	tripleSingle = `'''(?>(?:[^']+|'(?!''))*)(?:'''|\z)`
	oneCharacter = `'(?:[^'\\\n]|\\[^\n]{1,9}?)'`
	hashComment  = `#.*`
	wordComment  = `^#.*|(?<=\s)#.*` // a hash inside a word begins none
	slashComment = `//.*`
	blockComment = `/\*(?>(?:[^*]+|\*(?!/))*)(?:\*/|\z)`
	number       = `\b(?:0[xX][0-9a-fA-F_]+|\d[\d_]*(?:\.\d+)*)\b`
	shellValue   = `\$(?:\{[^{}\n]*\}|\w+|[@*#?$!-])`
	braced       = `[$#%]\{[^{}\n]*\}`
	serverCode   = `<%(?>(?:[^%]+|%(?!>))*)(?:%>|\z)`
)

// rest matches what has no colour: blanks, a word, any other character.
func rest(rules ...chroma.Rule) []chroma.Rule {
	return append(rules,
		chroma.Rule{Pattern: `\n+|[^\S\n]+`, Type: chroma.Text}, // apart: what a line may begin with is looked for at its start
		chroma.Rule{Pattern: `\w+`, Type: chroma.Text},
		chroma.Rule{Pattern: `.`, Type: chroma.Text},
	)
}

func dockerRules() chroma.Rules {
	const instructions = `(?i:MAINTAINER|RUN|CMD|LABEL|EXPOSE|ENV|ADD|COPY|ENTRYPOINT|VOLUME|USER|WORKDIR|ARG|ONBUILD|STOPSIGNAL|HEALTHCHECK|SHELL)`
	values := []chroma.Rule{
		{Pattern: `(?<=[ \t])--[a-z][a-z-]*`, Type: chroma.NameTag},
		{Pattern: shellValue, Type: chroma.NameVariable},
		{Pattern: doubleQuoted, Type: chroma.LiteralString},
		{Pattern: singleQuoted, Type: chroma.LiteralString},
	}
	return chroma.Rules{
		"root": rest(append([]chroma.Rule{
			{Pattern: `^[ \t]*#.*`, Type: chroma.Comment},
			{Pattern: `^([ \t]*)((?i:FROM))(?=[ \t])`, Type: chroma.ByGroups(chroma.Text, chroma.Keyword), Mutator: chroma.Push("from")},
			{Pattern: `^([ \t]*)(` + instructions + `)(?=[ \t])`, Type: chroma.ByGroups(chroma.Text, chroma.Keyword)},
			{Pattern: number, Type: chroma.LiteralNumber},
		}, values...)...),
		"from": rest(append([]chroma.Rule{
			{Pattern: `\n`, Type: chroma.Text, Mutator: chroma.Pop(1)},
			{Pattern: `(?<=[ \t])(?i:AS)(?=[ \t])`, Type: chroma.Keyword},
			{Pattern: `[ \t]+`, Type: chroma.Text},
			{Pattern: `[^\s$"'-][^\s$]*`, Type: chroma.NameClass},
		}, values...)...),
	}
}

func yamlRules() chroma.Rules {
	const key = `"[^"\n]*"|'[^'\n]*'|[^\s#:{}\[\],&*!|>'"%@-][^\n:#]*`
	return chroma.Rules{"root": rest(
		chroma.Rule{Pattern: wordComment, Type: chroma.Comment},
		chroma.Rule{Pattern: `^(?:---|\.\.\.)(?=\s)`, Type: chroma.Keyword},
		chroma.Rule{Pattern: `^([ \t]*(?:- +)*)(` + key + `)(:)(?=\s)`, Type: chroma.ByGroups(chroma.Text, chroma.NameTag, chroma.Text)},
		chroma.Rule{Pattern: serverCode, Type: chroma.NameVariable},
		chroma.Rule{Pattern: shellValue, Type: chroma.NameVariable},
		chroma.Rule{Pattern: `(?<=\s)[&*][\w-]+`, Type: chroma.NameVariable},
		chroma.Rule{Pattern: `(?<=\s)!{1,2}[\w-]+`, Type: chroma.NameClass},
		chroma.Rule{Pattern: doubleQuoted, Type: chroma.LiteralString},
		chroma.Rule{Pattern: `(?<=[\s\[{,])'[^'\n]*(?:'|$)`, Type: chroma.LiteralString},
		chroma.Rule{Pattern: `\b(?:true|false|null|yes|no|on|off)(?=[ \t]*(?:$|[,}\]#]))`, Type: chroma.Keyword},
		chroma.Rule{Pattern: number, Type: chroma.LiteralNumber},
	)}
}

func jsonRules() chroma.Rules {
	return chroma.Rules{"root": rest(
		chroma.Rule{Pattern: doubleQuoted + `(?=[ \t]*:)`, Type: chroma.NameTag},
		chroma.Rule{Pattern: doubleQuoted, Type: chroma.LiteralString},
		chroma.Rule{Pattern: `\b(?:true|false|null)\b`, Type: chroma.Keyword},
		chroma.Rule{Pattern: `-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b`, Type: chroma.LiteralNumber},
		chroma.Rule{Pattern: slashComment, Type: chroma.Comment},
	)}
}

func propertiesRules() chroma.Rules {
	return chroma.Rules{"root": rest(
		chroma.Rule{Pattern: `^[ \t]*[#;!].*`, Type: chroma.Comment},
		chroma.Rule{Pattern: `^[ \t]*\[[^\n]*\]`, Type: chroma.Keyword},
		chroma.Rule{Pattern: `^([ \t]*(?:export[ \t]+)?)([\w.$"'-]+)([ \t]*[=:])`, Type: chroma.ByGroups(chroma.Text, chroma.NameTag, chroma.Text)},
		chroma.Rule{Pattern: braced + `|\$\w+`, Type: chroma.NameVariable},
		chroma.Rule{Pattern: doubleQuoted, Type: chroma.LiteralString},
		chroma.Rule{Pattern: `\b(?:true|false)\b`, Type: chroma.Keyword},
		chroma.Rule{Pattern: number, Type: chroma.LiteralNumber},
	)}
}

func xmlRules() chroma.Rules {
	return chroma.Rules{
		"root": {
			{Pattern: `<!--(?>(?:[^-]+|-(?!->))*)(?:-->|\z)`, Type: chroma.Comment},
			{Pattern: serverCode, Type: chroma.NameVariable},
			{Pattern: `<\?(?>(?:[^?]+|\?(?!>))*)(?:\?>|\z)`, Type: chroma.Keyword},
			{Pattern: `<!\w[^<>]*>`, Type: chroma.Keyword},
			{Pattern: `</?[A-Za-z][\w:.-]*`, Type: chroma.NameTag, Mutator: chroma.Push("tag")},
			{Pattern: `&#?\w+;|` + braced, Type: chroma.NameVariable},
			{Pattern: `[^<&$#%]+`, Type: chroma.Text},
			{Pattern: `.`, Type: chroma.Text},
		},
		"tag": rest(
			chroma.Rule{Pattern: `/?>`, Type: chroma.NameTag, Mutator: chroma.Pop(1)},
			chroma.Rule{Pattern: `[\w:.@-]{1,100}(?=[ \t]*=)`, Type: chroma.NameClass},
			chroma.Rule{Pattern: `"[^"]*"|'[^']*'`, Type: chroma.LiteralString},
		),
	}
}

// code is what tells a programming language from others as far as colours go.
type code struct {
	files    string   // patterns of base names, separated by blanks
	comments []string // regular expressions
	strings  []string // beside double quotes
	single   string   // what a single quote begins; empty: a string
	values   string   // variables; empty: they look like words
	keywords string   // separated by blanks
	anyCase  bool     // of keywords
}

func (c code) rules() chroma.Rules {
	var list []chroma.Rule
	add := func(kind chroma.TokenType, patterns ...string) {
		for _, p := range patterns {
			list = append(list, chroma.Rule{Pattern: p, Type: kind})
		}
	}
	add(chroma.Comment, c.comments...)
	add(chroma.LiteralString, c.strings...)
	add(chroma.LiteralString, doubleQuoted, cmp.Or(c.single, singleQuoted))
	if c.values != "" {
		add(chroma.NameVariable, c.values)
	}
	group := `(?:`
	if c.anyCase {
		group = `(?i:`
	}
	add(chroma.Keyword, `(?<![\w.])`+group+strings.Join(strings.Fields(c.keywords), "|")+`)\b`)
	add(chroma.LiteralNumber, number)
	add(chroma.NameClass, `\b[A-Z]\w*[a-z]\w*\b`)
	return chroma.Rules{"root": rest(list...)}
}

// codes are the programming languages. Kin share a row: what one of them takes for a word is seldom another's name.
func codes() []code {
	const symbol, label = `(?<!:):\w+[?!]?`, `\b\w+:(?=\s)`
	return []code{
		{
			files:    "*.sh *.bash *.zsh *.ksh *.mk Makefile .dockerignore .gitignore",
			comments: []string{wordComment}, values: shellValue,
			keywords: `if then elif else fi for while until do done case esac in function return exit export local readonly set unset source exec trap shift break continue`,
		},
		{
			files:    "*.rb *.rake *.ru *.gemspec Gemfile Rakefile Vagrantfile Capfile Guardfile Berksfile",
			comments: []string{hashComment}, strings: []string{symbol, label}, values: `@{1,2}\w+|\$\w+`,
			keywords: `alias and begin break case class def defined do else elsif end ensure extend false for gem group if in include module next nil not or private protected public raise redo require require_relative rescue retry return self source super then true undef unless until when while yield`,
		},
		{
			files:    "*.java *.kt *.kts *.groovy *.gradle *.scala *.sbt Jenkinsfile Jenkinsfile.*",
			comments: []string{slashComment, blockComment}, strings: []string{tripleDouble}, values: `@\w[\w.]*`,
			keywords: `abstract as assert boolean break byte case catch char class companion const continue data def default do double else enum extends false final finally float for fun if implements import in instanceof int interface internal is lateinit lazy long match native new null object open override package private protected public return sealed short static super switch synchronized this throw throws trait transient true try type val var void volatile when while with yield`,
		},
		{
			files:    "*.js *.mjs *.cjs *.jsx *.ts *.tsx",
			comments: []string{slashComment, blockComment}, strings: []string{"`(?>(?:[^`\\\\]+|\\\\[\\s\\S])*)(?:`|\\z)"}, values: `@\w+`,
			keywords: `as async await break case catch class const continue debugger default delete do else enum export extends false finally for from function get if implements import in instanceof interface let new null of private protected public readonly require return set static super switch this throw true try type typeof undefined var void while with yield`,
		},
		{
			files:    "*.php *.inc *.module *.phtml",
			comments: []string{slashComment, hashComment, blockComment}, values: `\$\w+`, anyCase: true,
			keywords: `abstract and array as break case catch class clone const continue declare default define do echo else elseif empty endforeach endif endwhile extends false final finally fn for foreach function global if implements include include_once instanceof interface isset list match namespace new null or print private protected public require require_once return static switch throw trait true try unset use var while yield`,
		},
		{
			files:    "*.py *.pyw",
			comments: []string{hashComment}, strings: []string{tripleDouble, tripleSingle}, values: `@\w[\w.]*`,
			keywords: `and as assert async await break class continue def del elif else except exec False finally for from global if import in is lambda None nonlocal not or pass print raise return self True try while with yield`,
		},
		{
			files:    "*.pl *.pm *.cgi *.t *.psgi cpanfile",
			comments: []string{wordComment}, values: `[$@%]\w+`,
			keywords: `and cmp defined die do else elsif eq for foreach ge gt if last le local lt my ne next no not or our package print redo require requires return shift sub undef unless until use while xor`,
		},
		{
			files:    "*.ex *.exs mix.lock",
			comments: []string{hashComment}, strings: []string{tripleDouble, symbol, label}, values: `@\w+`,
			keywords: `after alias and case catch cond def defdelegate defimpl defmacro defmodule defp defprotocol defstruct do else end false fn for if import in nil not or quote raise receive require rescue true try unless unquote use when with`,
		},
		{
			files:    "*.erl *.hrl rebar.config",
			comments: []string{`%.*`}, values: `\?\w+`,
			keywords: `after and andalso begin case catch end export fun if include module not of or orelse receive spec try when`,
		},
		{
			files:    "*.go go.mod *.rs *.c *.h *.cc *.cpp *.hpp *.cs",
			comments: []string{slashComment, blockComment}, strings: []string{"`[^`]*`"}, single: oneCharacter, values: `^[ \t]*#[ \t]*\w+`,
			keywords: `abstract as async auto await base bool break byte case catch chan char class const continue crate default defer delegate delete do double else enum event explicit extern false float fn for foreach func go goto if impl import in int interface internal is let lock long loop map match mod module move mut namespace new nil null object operator out override package private protected pub public range readonly ref register replace require return sealed select self short signed sizeof static string struct super switch template this throw toolchain trait true try type typedef union unsafe unsigned use using var virtual void volatile where while yield`,
		},
		{
			files:    "*.sql",
			comments: []string{`--.*`, hashComment, blockComment}, strings: []string{"`[^`\\n]*`"}, anyCase: true,
			keywords: `add all alter and as asc auto_increment begin between by cascade case check commit constraint create database default delete desc distinct drop else end engine exists foreign from grant group having if in index inner insert into is join key left like limit not null on or order outer primary references right rollback select set table then to union unique update use using values view when where with`,
		},
		{
			files:    "*.clj *.cljs *.edn",
			comments: []string{`;.*`}, strings: []string{`(?<![\w:]):[\w./*+!?<>-]+`}, single: oneCharacter,
			keywords: `def defn defmacro defmulti defmethod defproject defprotocol defrecord do false fn if import let loop nil ns recur require true use when`,
		},
	}
}
