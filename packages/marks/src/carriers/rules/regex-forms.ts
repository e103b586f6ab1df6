/**
 * Regular expressions written in ways that are exactly equal, whichever engine runs them: members of a class in another
 * order, `\.` or `[.]`, `?` or `{0,1}`, `\d` or `[0-9]`. Each is one decision for the whole expression.
 */
import type { Edit } from "../carrier.ts"
import { type Draft, orders } from "../source/drafts.ts"
import { type Piece, formDraft } from "./drafts.ts"

const membersMax = 4
const escape = String.raw`\\(?:x[0-9a-fA-F]{2}|[^])`
const unit = new RegExp(
    String.raw`\[\^?\]?(?:${escape}|[^\\\]])*\]|${escape}|\{\d+(?:,\d*)?\}|\(\?(?:[:=!]|<[=!])|[^]`,
    "g",
)
const member = new RegExp(String.raw`(?:${escape}|[^\\])(?:-(?:${escape}|[^\\]))?`, "g")

/** Returns other forms of the expression at `piece`, without the slashes around it. */
export function regexForms(text: string, scope: string, { start, end }: Piece): Draft[] {
    const written = text.slice(start, end)
    const units = [...written.matchAll(unit)].map((item) => ({
        text: item[0],
        piece: { start: start + item.index, end: start + item.index + item[0].length },
    }))
    const exchanged = (
        from: string,
        to: string,
        kind: string,
        isAllowed: (at: number) => boolean = () => true,
    ): Draft[] => {
        const list = units.flatMap((unit, at) =>
            (unit.text === from || unit.text === to) && isAllowed(at) ? [unit] : [],
        )
        const [first] = list
        if (first === undefined || list.some((item) => item.text !== first.text)) return []
        const other = first.text === from ? to : from
        return formDraft({ kind, scope }, written, [list.map(({ piece }) => ({ ...piece, text: other }))])
    }
    const quantified = /^(?:[?*+]|\{.*\})$/
    /** Behind something that is not itself a count, and not made lazy by what follows. */
    const optional = (at: number): boolean => {
        const [before, behind] = [units[at - 1]?.text ?? "(", units[at + 1]?.text ?? ""]
        return !quantified.test(before) && !/^(?:\(|\(\?.*|\||\^)$/.test(before) && !/^[?+]$/.test(behind)
    }
    return [
        ...classForms(units, scope, written),
        ...exchanged(String.raw`\.`, "[.]", "regex-dot"),
        ...exchanged("?", "{0,1}", "regex-optional", optional),
        ...exchanged(String.raw`\d`, "[0-9]", "regex-digit"),
    ]
}

/** Classes that are written alike are one decision. */
function classForms(units: readonly { text: string; piece: Piece }[], scope: string, written: string): Draft[] {
    const classes = Map.groupBy(
        units.filter((unit) => unit.text.startsWith("[") && unit.text.length > 3),
        (item) => item.text,
    )
    return [...classes].flatMap(([value, places]) => {
        const [, head = "", body = ""] = /^\[(\^?)(.*)\]$/s.exec(value) ?? []
        const members: string[] = body.match(member) ?? []
        const clear =
            members.join("") === body &&
            !members.some((member) => /^[\]^\-[&~|]/.test(member) || /-\\?[\]-]$/.test(member))
        if (!clear || members.length < 2 || members.length > membersMax) return []
        if (new Set(members).size < members.length) return []
        const others = orders(members.length, 24).slice(1)
        const forms = others.map((order) => `[${head}${order.map((from) => members[from]).join("")}]`)
        const edits = forms.map((form): Edit[] => places.map(({ piece }) => ({ ...piece, text: form })))
        return formDraft({ kind: "regex-class", scope }, `${value} in ${written}`, edits)
    })
}
