import { beforeAll, describe, expect, test } from "vitest"
import { loadParser } from "../../../grammars.ts"
import { applyCodeword } from "../../carrier.ts"
import { sourceCarrier } from "../carrier.ts"
import type { Parse } from "../../tree.ts"

const parsers = new Map<string, Parse>()
beforeAll(async () => {
    for (const language of ["bash", "c", "csharp", "go", "powershell", "ruby"]) {
        parsers.set(language, await loadParser(language))
    }
})

/** The names that may change, in the order of the text. */
function free(language: string, code: string): string[] {
    const slots = sourceCarrier(language, parsers.get(language) as Parse).slots(code)
    return slots.flatMap(({ kind, variants }) => {
        const place = variants[1]?.[0]
        return kind === "local-name" && place !== undefined ? [code.slice(place.start, place.end)] : []
    })
}

/** All alternatives of the code: one slot at a time, without names. */
function alternativesOf(language: string, code: string): string[] {
    const slots = sourceCarrier(language, parsers.get(language) as Parse).slots(code)
    return slots.flatMap((slot) =>
        slot.kind === "local-name" ? [] : slot.variants.slice(1).map((_, i) => applyCodeword(code, [slot], [i + 1])),
    )
}

const inGo = (body: string): string => `package a\n\nfunc F(reply string) (count int) {\n\t${body}\n\treturn count\n}\n`
const inC = (body: string): string => `int f(int status) {\n    ${body}\n    return status;\n}\n`
const inClass = (body: string): string => `class A {\n    public void F(int key) {\n        ${body}\n    }\n}\n`

describe("a name can be replaced", () => {
    test.each<[string, string, string, string[]]>([
        [
            "go",
            "what a function declares, its parameters too",
            inGo("value := reply\n\tprint(value)"),
            ["reply", "count", "value"],
        ],
        [
            "go",
            "but not what an inner block hides",
            inGo("value := 1\n\tif true { value := 2; print(value) }\n\tprint(value)"),
            ["reply", "count"],
        ],
        ["go", "but not what may be a field", inGo("value := T{reply: 1}\n\tprint(value)"), ["count", "value"]],
        [
            "go",
            "but not what an import is called",
            'package a\n\nimport "net/url"\n\nfunc f() { url := 1; print(url) }\n',
            [],
        ],
        ["go", "but not what a package declares", "package a\n\nvar value = 1\n\nconst limit = 2\n", []],
        [
            "c",
            "what a function declares, its parameters too",
            inC("int value = 1; status += value;"),
            ["status", "value"],
        ],
        ["c", "but not what a macro may show", inC("int value = 1; CHECK(value); assert(status);"), []],
        ["c", "but not in a file with headers of its own", `#include "own.h"\n${inC("int value = 1;")}`, []],
        [
            "c",
            "but not with macros that turn names into text",
            `#define SHOW(x) puts(#x)\n${inC("int value = 1;")}`,
            [],
        ],
        ["c", "but not what is also a type", `struct value { int a; };\n${inC("int value = 1;")}`, ["status"]],
        ["c", "but not what is another file's", inC("extern int value; status = value;"), ["status"]],
        ["csharp", "what a method declares, but not its parameters", inClass("int value = key; G(value);"), ["value"]],
        ["csharp", "and parameters of private methods", "class A { private void F(int key) { G(key); } }\n", ["key"]],
        ["csharp", "but not those that a caller names", "class A { private void F(int key) { F(key: 1); } }\n", []],
        [
            "csharp",
            "but not what becomes a member",
            inClass("var value = 1; var item = new { value }; G((value, item));"),
            [],
        ],
        ["csharp", "but not what is shown as text", inClass("var value = 1; G(nameof(value));"), []],
        ["csharp", "in the holes of a text too", inClass('var value = 1; G($"{value}");'), ["value"]],
        ["csharp", "a private field", "class A { private int value; void F() { this.value = 1; } }\n", ["value"]],
        ["csharp", "but not a public one", "class A { public int value; void F() { value = 1; } }\n", []],
        ["ruby", "what a method gives a value to", "def f(reply)\n  value = reply\n  value\nend\n", ["reply", "value"]],
        ["ruby", "a block's own too", "a.each { |item| p item }\n", ["item"]],
        ["ruby", "but not what is called by keyword", "def f(value:)\n  value\nend\n", []],
        ["ruby", "but not what may be a method before", "def f\n  g(value)\n  value = 1\n  value\nend\n", []],
        ["ruby", "but not where names can be looked up", "value = 1\nbinding.local_variable_get(:value)\n", []],
        ["ruby", "but not what is short for a key", "value = 1\nf(value:)\n", []],
        ["ruby", "but not what a pattern names", "value = 1\nf(/(?<value>.)/ =~ value)\n", []],
        [
            "bash",
            "what a script gives a value to",
            "value=1\nf() { local item=$value; echo $item; }\nread -r line\n",
            ["value", "item", "line"],
        ],
        ["bash", "but not what goes out", "export value=1\nitem=2 cmd\n", []],
        ["bash", "but not what the shell is told in capitals", "VALUE=1\n", []],
        ["bash", "but not where names are made at run time", 'value=1\neval "echo \\$value"\n', []],
        ["bash", "but not where one is looked up", "value=1\nname=value\necho ${!name}\n", []],
        ["bash", "but not where other files see it", "value=1\n. ./other.sh\n", []],
        ["bash", "but not what a test compares as a number", "value=1\n[[ value -gt 0 ]]\n", []],
        ["powershell", "what a script gives a value to, in any case", '$Value = 1\n"$value $($VALUE)"\n', ["Value"]],
        ["powershell", "but not what is called by keyword", "function F { param($Value)\n$value = 1 }\n", []],
        ["powershell", "but not the shell's own", "$ErrorActionPreference = 1\n$input = 2\n$PSStyle = 3\n", []],
        ["powershell", "but not where names are text", "$value = 1\nGet-Variable value\n", []],
        ["powershell", "but not what another scope shares", "$value = 1\n$script:value = 2\n", []],
        ["powershell", "but not what is splatted", "$value = @{}\nF @value\n", []],
    ])("%s: %s", (language, _, code, names) => {
        expect(free(language, code)).toEqual(names)
    })
})

describe("code forms", () => {
    test.each<[string, string, string[]]>([
        ["go", inGo("x := reply\n\tprint(x)"), [inGo("var x = reply\n\tprint(x)")]],
        ["go", inGo("a, b := g()\n\ta, c := g()"), [inGo("var a, b = g()\n\ta, c := g()")]],
        ["go", inGo("count, b := g()\n\tprint(b)"), []],
        ["go", inGo("count++"), [inGo("count += 1")]],
        ["go", inGo('if reply == "" { print(1) }'), [inGo("if len(reply) == 0 { print(1) }")]],
        ["go", inGo("if count > 0 { print(1) }"), [inGo("if count >= 1 { print(1) }")]],
        ["go", inGo("f := 1.5\n\tif f > 0 { print(1) }").replace("f := 1.5", "var f float64"), []],
        ["go", inGo("print(reply[:3])"), [inGo("print(reply[0:3])")]],
        ["go", inGo("switch {\n\tcase a:\n\t\tif b {\n\t\t\treturn\n\t\t}\n\t\tfallthrough\n\tdefault:\n\t}"), []],
        [
            "go",
            inGo("if a {\n\t\treturn 1\n\t}\n\tb()"),
            [
                inGo("if a {\n\t\treturn 1\n\t} else {\n\t\tb()\n\t\treturn count\n\t}").replace(
                    "\n\treturn count\n}",
                    "\n}",
                ),
            ],
        ],
        ["go", inGo("if a := a.(b); a {\n\t\treturn 1\n\t}\n\ta()"), []],
        ["c", inC("if (!p) return 1;"), [inC("if (p == 0) return 1;")]],
        ["c", inC("if (strcmp(a, b) == 0) return 1;"), [inC("if (!strcmp(a, b)) return 1;")]],
        ["c", inC("if (a == 1) return 1;"), []],
        ["c", inC("switch (a) { case 1: return 1; }"), []],
        ["c", inC("do g(); while (a);"), []],
        ["c", inC('printf("a\\n");'), [inC('puts("a");')]],
        ["c", inC('printf("a %d\\n", 1);'), []],
        ["c", inC("while (a < b) g();"), [inC("for (; a < b;) g();")]],
        ["csharp", inClass("var a = new B();"), [inClass("B a = new B();")]],
        ["csharp", inClass("var a = b.C();"), []],
        ["csharp", inClass('b?.C(); G("a " + b + " c");'), [inClass('b?.C(); G($"a {b} c");')]],
        ["csharp", inClass('G("a " + b + " c");'), []],
        ["csharp", inClass('b?.C(); G(a + b + " c");'), []],
        ["ruby", '"a b".split.map { |x| x }\n', ['"a b".split.collect { |x| x }\n']],
        ["ruby", "a.map { |x| x }\n", []],
        ["ruby", "a\nputs 1\n", ["a\n$stdout.puts 1\n"]],
        ["ruby", "a.lines.select { |x| x }\n", []],
        ["ruby", "a.filter; a.lines.select { |x| x }\n", ["a.filter; a.lines.filter { |x| x }\n"]],
        ["ruby", "case a\nwhen 1, 2 then b\nend\n", ["case a\nwhen 2, 1 then b\nend\n"]],
        ["bash", '#!/bin/bash\necho "a $1"\n', ["#!/bin/bash\nprintf '%s\\n' \"a $1\"\n"]],
        ["bash", '#!/bin/bash\necho "$1"\n', []],
        ["bash", '#!/bin/sh\necho "a $1"\n', []],
        ["bash", '#!/bin/bash\n[ -z "$1" ]\n', ['#!/bin/bash\n[ "$1" = "" ]\n']],
        ["bash", '#!/bin/bash\n[ "$1" -gt 0 ]\n', ['#!/bin/bash\n[ "$1" -ge 1 ]\n']],
        ["powershell", "[void]$a.Add(1)\n", ["$null = $a.Add(1)\n", "$a.Add(1) | Out-Null\n"]],
        ["powershell", "if (-not $a) { b }\n", ["if (!$a) { b }\n"]],
        ["powershell", "Get-Content $a -Raw\n", ["Get-Content -Path $a -Raw\n"]],
        ["powershell", "function Get-Content { }\nGet-Content $a\n", []],
        ["powershell", "$a.Count++\n", []],
        ["powershell", "#requires -Version 2\nb\n", []],
        ["powershell", "# everything requires a file\nb\n", ["# everything needs a file\nb\n"]],
        ["powershell", "$a = New-Object B.C\n", []],
        [
            "powershell",
            "#requires -Version 5.1\n$a = New-Object B.C\n",
            ["#requires -Version 5.1\n$a = [B.C]::new()\n"],
        ],
    ])("%s: %j as %j", (language, code, expected) => {
        expect(alternativesOf(language, code).toSorted()).toEqual(expected.toSorted())
    })
})
