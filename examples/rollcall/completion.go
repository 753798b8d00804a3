package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/examples/internal/meant"
)

// printCompletion prints the script that completes commands in a shell. What may follow
// is not in it: it asks this program, so that it stays right.
func printCompletion(c *command, p *printer) error {
	script, ok := scripts[c.arg(0)]
	if !ok {
		return usagef("no script for %q; there are %s%s", c.arg(0), orList(shells()), meant.Perhaps(c.arg(0), shells(), nil))
	}
	fmt.Fprintln(p.out, strings.ReplaceAll(strings.TrimSpace(script), "COMPLETE", completing))
	return nil
}

func shells() []string { return slices.Sorted(maps.Keys(scripts)) }

// scripts are what completes commands, by shell. A name that ends in = or : goes on
// without a blank.
var scripts = map[string]string{
	"bash": `
# rollcall completion for bash; put it into
# ~/.local/share/bash-completion/completions/rollcall or source it.
_rollcall() {
	local line=${COMP_LINE:0:COMP_POINT} IFS=$' \t\n'
	local -a words
	read -ra words <<<"$line"
	[[ $line == *[[:blank:]] ]] && words+=("")
	local current=${words[${#words[@]}-1]}

	# Bash takes a word apart at = and :, and replaces what comes behind them.
	local keep=""
	if [[ $current == *[=:]* && $COMP_WORDBREAKS == *[=:]* ]]; then
		keep=${current%"${current##*[=:]}"}
	fi
	local IFS=$'\n'
	COMPREPLY=($("${words[0]}" COMPLETE "${words[@]:1}" 2>/dev/null))
	COMPREPLY=("${COMPREPLY[@]#"$keep"}")
	[[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=:] ]] && compopt -o nospace
}
complete -o default -F _rollcall rollcall`,

	"zsh": `
#compdef rollcall
# rollcall completion for zsh; put it into a folder of $fpath as _rollcall.
_rollcall() {
	local -a answers open closed
	answers=("${(@f)$("${words[1]}" COMPLETE "${(@)words[2,CURRENT]}" 2>/dev/null)}")
	answers=("${(@)answers:#}")
	if (( ! ${#answers} )); then
		_files
		return
	fi
	open=("${(@M)answers:#*[=:]}")
	closed=("${(@)answers:#*[=:]}")
	(( ${#open} )) && compadd -S '' -- "${open[@]}"
	(( ${#closed} )) && compadd -- "${closed[@]}"
}
if [ "$funcstack[1]" = "_rollcall" ]; then
	_rollcall
else
	compdef _rollcall rollcall
fi`,

	"fish": `
# rollcall completion for fish; put it into
# ~/.config/fish/completions/rollcall.fish.
function __rollcall_complete
	set -l words (commandline -opc) (commandline -ct)
	$words[1] COMPLETE $words[2..-1] 2>/dev/null
end
complete -c rollcall -a '(__rollcall_complete)'`,
}
