/**
 * The flow as a reader of ARCHITECTURE.md sees it: which recorded event starts which step, and which start none.
 */
import type { Expression } from "oxc-parser"
import { type House, nameOf, nodesUnder, tableOf, wordsOf } from "./source.ts"

const marks = /<!-- flow -->[^]*?<!-- end of flow -->/

/** The handlers that each event starts, by their names. */
export function handlersByEvent(house: House): Map<string, readonly string[]> {
    const flow = house.sources.find(({ file }) => file === "server/src/event-handlers.ts")
    return new Map((flow && tableOf(flow, "eventHandlers"))?.map(([kind, step]) => [kind, stepsIn(step)]))
}

/** The document with the table of server/src/event-handlers.ts between its two marks. */
export function withFlow(house: House, document: string): string {
    const [flow, ending] = ["server/src/event-handlers.ts", "server/src/record-only-events.ts"].map((path) =>
        house.sources.find(({ file }) => file === path),
    )
    if (!flow || !ending) return document
    const rows = (tableOf(flow, "eventHandlers") ?? []).map(
        ([kind, step]) => `| \`${kind}\` | ${stepsIn(step).join(", ")} |`,
    )
    const ends = (wordsOf(ending, "recordOnlyEvents") ?? []).map((kind) => `\`${kind}\``)
    const table = ["| event | starts |", "|---|---|", ...rows].join("\n")
    const text = `${table}\n\nNo handler follows ${ends.join(", ")}.`
    return document.replace(marks, () => `<!-- flow -->\n${text}\n<!-- end of flow -->`)
}

/** `npm run fix` writes the table. */
export function flowTableLaw(house: House): string[] {
    const document = house.texts.get("ARCHITECTURE.md") ?? ""
    const current = withFlow(house, document) === document && (marks.test(document) || document === "")
    return current ? [] : ["ARCHITECTURE.md does not show server/src/event-handlers.ts: run `npm run fix`"]
}

/** The step's name; of a step written in place, the names of what it calls. */
function stepsIn(step: Expression): string[] {
    const name = nameOf(step)
    if (name) return [`\`${name}\``]
    if (step.type === "ArrayExpression")
        return step.elements.flatMap((each) => (each ? stepsIn(each as Expression) : []))
    const called = nodesUnder(step).flatMap((node) => (node.type === "CallExpression" ? nameOf(node.callee) : ""))
    return [...new Set(called.filter((each) => each !== ""))].map((each) => `\`${each}\``)
}
