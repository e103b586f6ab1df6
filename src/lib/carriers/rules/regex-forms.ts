/**
 * Regular expressions written in ways that are exactly equal, whichever engine runs them: members of a class in another
 * order, `\.` or `[.]`, `?` or `{0,1}`, `\d` or `[0-9]`. Each is one decision for the whole expression.
 */
import type { Edit } from "../carrier.ts"
import { type Draft, orders } from "../source/draft.ts"
import { type Piece, formDraft } from "./drafts.ts"

const membersMax = 4
const escape = String.raw`\\(?:x[0-9a-fA-F]{2}|[^])`
const unit = new RegExp(
    String.raw`\[\^?\]?(?:${escape}|[^\\\]])*\]|${escape}|\{\d+(?:,\d*)?\}|\(\?(?:[:=!]|<[=!])|[^]`,
    "g",
)
const member = new RegExp(String.raw`(?:${escape}|[^\\])(?:-(?:${escape}|[^\\]))?`, "g")

/** The forms of the expression that stands in `piece`, without the slashes around it. */
export function regexForms(text: string, scope: string, { start, end }: Piece): Draft[] {
    const written = text.slice(start, end)
    const units = [...written.matchAll(unit)].map((one) => ({
        text: one[0],
        piece: { start: start + one.index, end: start + one.index + one[0].length },
    }))
    const turned = (from: string, to: string, kind: string, may: (at: number) => boolean = () => true): Draft[] => {
        const all = units.flatMap((one, at) => ((one.text === from || one.text === to) && may(at) ? [one] : []))
        const [first] = all
        if (first === undefined || all.some((one) => one.text !== first.text)) return []
        const other = first.text === from ? to : from
        return formDraft({ kind, scope }, written, [all.map(({ piece }) => ({ ...piece, text: other }))])
    }
    const quantified = /^(?:[?*+]|\{.*\})$/
    /** Behind something that is not itself a count, and not made lazy by what follows. */
    const optional = (at: number): boolean => {
        const [before, behind] = [units[at - 1]?.text ?? "(", units[at + 1]?.text ?? ""]
        return !quantified.test(before) && !/^(?:\(|\(\?.*|\||\^)$/.test(before) && !/^[?+]$/.test(behind)
    }
    return [
        ...classForms(units, scope, written),
        ...turned(String.raw`\.`, "[.]", "regex-dot"),
        ...turned("?", "{0,1}", "regex-optional", optional),
        ...turned(String.raw`\d`, "[0-9]", "regex-digit"),
    ]
}

/** Classes that are written alike are one decision. */
function classForms(units: readonly { text: string; piece: Piece }[], scope: string, written: string): Draft[] {
    const classes = Map.groupBy(
        units.filter((one) => one.text.startsWith("[") && one.text.length > 3),
        (one) => one.text,
    )
    return [...classes].flatMap(([its, places]) => {
        const [, head = "", body = ""] = /^\[(\^?)(.*)\]$/s.exec(its) ?? []
        const members: string[] = body.match(member) ?? []
        const clear =
            members.join("") === body && !members.some((one) => /^[\]^\-[&~|]/.test(one) || /-\\?[\]-]$/.test(one))
        if (!clear || members.length < 2 || members.length > membersMax) return []
        if (new Set(members).size < members.length) return []
        const others = orders(members.length, 24).slice(1)
        const forms = others.map((order) => `[${head}${order.map((from) => members[from]).join("")}]`)
        const edits = forms.map((form): Edit[] => places.map(({ piece }) => ({ ...piece, text: form })))
        return formDraft({ kind: "regex-class", scope }, `${its} in ${written}`, edits)
    })
}
