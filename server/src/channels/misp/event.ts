/**
 * A warning as an event of MISP: the one projection, rendered. What TAXII carries is carried, as unmarked text, and no
 * other class ever is. An id is the same for all who may see the thing; which attributes an event has depends on its reader.
 */
import type { Json } from "@tocsin/base/canonical"
import { unmarkedText } from "@tocsin/marks/carriers/resolved-text"
import { type Attribute, eventOf } from "@tocsin/formats/misp/event"
import { type Item, itemsOf, vulnerabilityItem, wordsItem } from "@tocsin/formats/misp/items"
import { productLine } from "@tocsin/formats/advisory/product"
import { vulnerabilityLabels } from "@tocsin/formats/advisory/vulnerability"
import { publisherOf } from "../../platform/config/publisher.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import { type Master, masterOf } from "../../share/artifacts/actions.ts"
import { polledClasses } from "../../share/artifacts/artifact.ts"
import { formatOf } from "../../share/artifacts/format.ts"
import { commonId, idOfAlias } from "../../share/delivery/actions/aliases.ts"
import type { Warning, WarnedArtifact } from "../../share/delivery/actions/projection.ts"
import type { Dated } from "../../share/delivery/feed/actions/rows.ts"
import { embargoWords } from "../embargo.ts"

export interface Carried {
    /** As its reader calls it. */
    readonly warning: string
    readonly artifact: WarnedArtifact
    readonly master: Master
    /** What stands of it in an event; at least one. */
    readonly items: readonly Item[]
}

export async function carriedIn(ctx: ActionContext, partner: string, warnings: readonly Warning[]): Promise<Carried[]> {
    const carried: Carried[] = []
    for (const { id: warning, artifacts } of warnings) {
        for (const artifact of artifacts) {
            if (artifact.version === null || !polledClasses.includes(artifact.class)) continue
            const inner = idOfAlias(ctx.services.keys, partner, "artifact", artifact.id)
            const master = await masterOf(ctx, inner, artifact.version)
            const items = itemsIn(master)
            // Of what an event has nothing of, nothing is handed out.
            if (items.length > 0) carried.push({ warning, artifact, master, items })
        }
    }
    return carried
}

/** `of`: its case, by its own id. */
export function mispEvent(
    ctx: ActionContext,
    subject: string,
    warning: Warning,
    texts: readonly Dated<Carried>[],
): Json {
    const { keys, publishing, portalOrigin } = ctx.services
    const id = (...names: readonly string[]) => commonId(keys, "misp-ids", names)
    const { title, releasedAt, changedAt, published: isPublic, vulnerabilities } = warning
    const facts = factsOf(warning).map((item): Attribute => ({
        ...item,
        id: id("fact", subject, item.type, item.key),
        at: changedAt,
        labels: null,
    }))
    return eventOf({
        id: id("event", subject),
        title,
        releasedAt,
        isPublic,
        by: { id: id("program"), name: publisherOf(publishing, portalOrigin).name },
        // A text that came late is news, however old it is.
        changedAt: Math.max(changedAt, ...texts.map(({ added }) => Math.ceil(added / 1000))),
        scores: vulnerabilities.flatMap(({ score }) => score ?? []),
        attributes: [...facts, ...texts.flatMap(({ of: carried }) => attributesOf(carried, warning, id))],
    })
}

function factsOf(warning: Warning): Item[] {
    const labels = vulnerabilityLabels(warning.vulnerabilities)
    const vulnerabilities = warning.vulnerabilities.map((vulnerability, n) => ({
        ...vulnerability,
        label: labels[n] ?? "",
    }))
    return [
        ...vulnerabilities.map(vulnerabilityItem),
        ...vulnerabilities.flatMap(({ label, products }) => {
            if (products.length === 0) return []
            return [wordsItem(`products ${label}`, products.map(productLine).join("\n"), `Affected by ${label}`)]
        }),
        ...(warning.published ? [] : [wordsItem("embargo", embargoWords(warning, null), "Embargo")]),
    ]
}

function itemsIn(master: Master): Item[] {
    const { name, class: kind } = master
    const isDetection = kind === "rules" || kind === "indicators"
    const content = unmarkedText(name, master.content)
    return itemsOf({ name, content, format: formatOf({ class: kind, name, content }), isDetection })
}

/** Labels fall at publication, but for what single persons may read: a MISP sees that the attribute changed then. */
function attributesOf(
    { artifact: { tlp, pap, from }, master, items }: Carried,
    { published, changedAt }: Warning,
    id: (...names: readonly string[]) => string,
): Attribute[] {
    const isOpen = published && tlp !== "RED"
    const at = isOpen ? Math.max(from, changedAt) : from
    const labels = isOpen ? null : { tlp, pap }
    return items.map((item) => ({ ...item, id: id("text", master.artifact, item.key), at, labels }))
}
