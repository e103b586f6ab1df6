/** The reference of events: what each means, its fields, and the handlers that it starts. */
import type { Node } from "oxc-parser"
import { handlersByEvent } from "../../test/architecture/flow.ts"
import { type House, type Source, keyOf, nameOf, product, valueOf } from "../../test/architecture/source.ts"
import { kindsOf, recording } from "../../test/architecture/words.ts"
import { eventMeanings } from "./event-meanings.ts"
import { generatedNote, tableOf } from "./markdown.ts"

const head = `# Events

${generatedNote}
Each change records one event in its own transaction. The event is a leaf of the [audit log](formats/audit-log.md),
and starts the handlers in
the last column. Events have ids, instants, hashes and counts, never names, titles or content.

A field is in the event where it applies. \`…\` means that an event can have more fields.
`

export function renderEvents(house: House): string {
    const fields = fieldsByEvent(house)
    const handlers = handlersByEvent(house)
    const kinds = [...fields.keys()].sort()
    const row = (kind: string): string[] => [
        `\`${kind}\``,
        eventMeanings[kind] ?? "",
        [...(fields.get(kind) ?? [])].map((field) => (field === "…" ? field : `\`${field}\``)).join(", "),
        (handlers.get(kind) ?? []).join(", "),
    ]
    const objects = Object.entries(Object.groupBy(kinds, (kind) => kind.split(".")[0] ?? ""))
    const section = ([object, list = []]: readonly [string, string[] | undefined]) =>
        `\n## ${object}\n\n${tableOf(["event", "meaning", "fields", "starts"], list.map(row))}`
    return head + objects.map(section).join("")
}

/** Events without a meaning, and meanings without an event. */
export function meaningFaults(house: House): string[] {
    const kinds = [...fieldsByEvent(house).keys()]
    return [
        ...kinds
            .filter((kind) => !(kind in eventMeanings))
            .map((kind) => `${kind} has no meaning in event-meanings.ts`),
        ...Object.keys(eventMeanings)
            .filter((kind) => !kinds.includes(kind))
            .map((kind) => `${kind} has a meaning, and is never recorded`),
    ]
}

function fieldsByEvent(house: House): Map<string, ReadonlySet<string>> {
    const all = new Map<string, Set<string>>()
    for (const source of product(house)) {
        for (const node of source.nodes) {
            if (node.type !== "CallExpression" || !recording.includes(nameOf(node.callee))) continue
            const [, event] = node.arguments
            const fields = event ? fieldsOf(source, event).filter((field) => field !== "kind") : []
            for (const kind of kindsOf(source, valueOf(event, "kind")) ?? []) {
                all.set(kind, new Set([...(all.get(kind) ?? []), ...fields]))
            }
        }
    }
    return all
}

/** The keys of an object literal; of what is spread into it, those that stand in the same file. */
function fieldsOf(source: Source, object: Node, depth = 0): string[] {
    if (object.type === "ParenthesizedExpression") return fieldsOf(source, object.expression, depth)
    if (object.type === "ConditionalExpression") {
        return [object.consequent, object.alternate].flatMap((choice) => fieldsOf(source, choice, depth))
    }
    if (object.type === "LogicalExpression") return fieldsOf(source, object.right, depth)
    if (object.type === "Identifier" && depth < 2) {
        const declared = source.nodes.filter(
            (node) => node.type === "VariableDeclarator" && nameOf(node.id) === object.name,
        )
        const [only, ...others] = declared
        if (others.length === 0 && only?.type === "VariableDeclarator" && only.init) {
            return fieldsOf(source, only.init, depth + 1)
        }
    }
    if (object.type !== "ObjectExpression") return ["…"]
    return object.properties.flatMap((property) =>
        property.type === "SpreadElement" ? fieldsOf(source, property.argument, depth) : [keyOf(property.key)],
    )
}
