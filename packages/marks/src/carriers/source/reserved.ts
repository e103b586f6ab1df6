/** Words that mean something to a language already. */
import { automatic } from "./languages/scopes-powershell.ts"

/** Words that no local may be called, whatever the language: keywords, and names that mean something already. */
export const reserved: ReadonlySet<string> = new Set(
    `and as assert async await bool break byte bytes call case catch char chr class const continue debugger def
    default del delete dict dir do
    double elif else enum eval except exec export extends false False file filter final finally float for format from
    function get global globals goto hash help id if implements import in input instanceof int interface is iter
    lambda len let list locals long map match max min name native new next None nonlocal not null object of open or
    ord package pass pow print private process protected public raise range repr require return round self set
    short slice sorted static str string sum super super switch synchronized test this throw throws transient true
    True try tuple type
    typeof undefined var vars void volatile when where while with yield zip NaN Infinity arguments module exports
    console window document event location top parent status history screen origin`.split(/\s+/),
)

const noWords: ReadonlySet<string> = new Set()

const byLanguage: Readonly<Record<string, ReadonlySet<string>>> = {
    bash: setOf(`fi done esac elif until select coproc function time test echo read printf local declare shift trap wait
        type kill jobs fg bg`),
    c: setOf(`auto extern register signed unsigned sizeof typedef union struct volatile inline restrict goto errno stdin
        stdout stderr unix linux near far small complex imaginary asm template operator friend explicit export mutable
        namespace typename using virtual wchar_t alignas alignof concept requires constexpr decltype noexcept
        thread_local nullptr bitand bitor compl and or xor not signal index major minor main time`),
    csharp: setOf(`base checked decimal delegate event explicit extern fixed foreach implicit internal is lock namespace
        operator out override params readonly ref sbyte sealed sizeof stackalloc struct uint ulong unchecked unsafe
        ushort using virtual add alias ascending by descending dynamic equals group init into join let managed nameof
        notnull on orderby partial record remove required scoped select unmanaged value when where args field`),
    go: setOf(`chan defer fallthrough func go select struct type any append cap close complex copy error imag make
        panic print println real recover rune string uint uintptr byte iota clear comparable main init`),
    powershell: automatic,
    ruby: setOf(`alias begin defined ensure module next nil redo rescue retry self then undef unless until BEGIN END it
        p puts gets loop proc binding format system exit sleep fail catch rand srand select test trap warn`),
}

function setOf(text: string): ReadonlySet<string> {
    return new Set(text.split(/\s+/))
}

/** Returns the reserved words of a language, including those of all languages. */
export function reservedIn(language: string): ReadonlySet<string> {
    return byLanguage[language] ?? noWords
}
