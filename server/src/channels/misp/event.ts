/**
 * Renders a warning as a MISP event. It has the classes that TAXII has, as unmarked text. Ids are the same for all
 * readers; the attributes depend on the reader.
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
import type { Dated } from "../../share/feed/rows.ts"
import { embargoWords } from "../embargo.ts"

export interface Carried {
    /** The reader's alias of the warning. */
    readonly warning: string
    readonly artifact: WarnedArtifact
    readonly master: Master
    /** What an event contains of it; at least one. */
    readonly items: readonly Item[]
}

/** Lists what MISP events contain of these warnings. */
export async function carriedIn(ctx: ActionContext, partner: string, warnings: readonly Warning[]): Promise<Carried[]> {
    const carried: Carried[] = []
    for (const { id: warning, artifacts } of warnings) {
        for (const artifact of artifacts) {
            if (artifact.version === null || !polledClasses.includes(artifact.class)) continue
            const inner = idOfAlias(ctx.services.keys, partner, "artifact", artifact.id)
            const master = await masterOf(ctx, inner, artifact.version)
            const items = itemsIn(master)
            // Texts without content for an event are not delivered.
            if (items.length > 0) carried.push({ warning, artifact, master, items })
        }
    }
    return carried
}

/** Builds the event. `subject` is the internal id of the case. */
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
        // A late text counts as news, however old it is.
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

/**
 * Builds the attributes. Publication removes labels, except on texts for single people; MISP then sees a changed
 * attribute.
 */
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
