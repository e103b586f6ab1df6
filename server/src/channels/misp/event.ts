/**
 * Renders a warning as a MISP event. It has the classes that TAXII has, as unmarked text. Ids are the same for all
 * readers; the attributes depend on the reader.
 */
import type { Json } from "@tocsin/base/canonical"
import { unmarkedText } from "@tocsin/marks/carriers/resolved-text"
import { type Attribute, eventOf } from "@tocsin/formats/misp/event"
import { type MispItem, itemsOf, vulnerabilityItem, textItem } from "@tocsin/formats/misp/items"
import { productLine } from "@tocsin/formats/advisory/product"
import { vulnerabilityLabels } from "@tocsin/formats/advisory/vulnerability"
import { publisherOf } from "../../platform/config/publisher.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import { type Master, loadMaster } from "../../share/artifacts/actions/load-artifacts.ts"
import { polledClasses } from "../../share/artifacts/artifact.ts"
import { formatOf } from "../../share/artifacts/format.ts"
import { commonId, idOfAlias } from "../../share/delivery/actions/resolve-alias.ts"
import type { Warning, WarningArtifact } from "../../share/delivery/actions/project-warnings.ts"
import type { ReadonlyFeedEntry } from "../../share/feed/rows.ts"
import { embargoText } from "../embargo.ts"

export interface EventText {
    /** The reader's alias of the warning. */
    readonly warning: string
    readonly artifact: WarningArtifact
    readonly master: Master
    /** The parts that an event contains; at least one. */
    readonly items: readonly MispItem[]
}

/** Lists what MISP events contain of these warnings. */
export async function listEventTexts(
    ctx: ActionContext,
    partner: string,
    warnings: readonly Warning[],
): Promise<EventText[]> {
    const texts: EventText[] = []
    for (const { id: warning, artifacts } of warnings) {
        for (const artifact of artifacts) {
            if (artifact.version === null || !polledClasses.includes(artifact.class)) continue
            const artifactId = idOfAlias(ctx.services.keys, partner, "artifact", artifact.id)
            const master = await loadMaster(ctx, artifactId, artifact.version)
            const items = itemsOfMaster(master)
            // Texts without content for an event are not delivered.
            if (items.length > 0) texts.push({ warning, artifact, master, items })
        }
    }
    return texts
}

/** Builds the event. `subject` is the internal id of the case. */
export function mispEvent(
    ctx: ActionContext,
    caseId: string,
    warning: Warning,
    texts: readonly ReadonlyFeedEntry<EventText>[],
): Json {
    const { keys, publisherSettings: publishing, portalOrigin } = ctx.services
    const id = (...names: readonly string[]) => commonId(keys, "misp-ids", names)
    const { title, releasedAt, changedAt, published: isPublic, vulnerabilities } = warning
    const facts = factsOf(warning).map((item): Attribute => ({
        ...item,
        id: id("fact", caseId, item.type, item.key),
        at: changedAt,
        labels: null,
    }))
    return eventOf({
        id: id("event", caseId),
        title,
        releasedAt,
        isPublic,
        publisher: { id: id("program"), name: publisherOf(publishing, portalOrigin).name },
        // A late text counts as news, however old it is.
        changedAt: Math.max(changedAt, ...texts.map(({ added }) => Math.ceil(added / 1000))),
        scores: vulnerabilities.flatMap(({ score }) => score ?? []),
        attributes: [...facts, ...texts.flatMap(({ item: text }) => attributesOf(text, warning, id))],
    })
}

function factsOf(warning: Warning): MispItem[] {
    const labels = vulnerabilityLabels(warning.vulnerabilities)
    const vulnerabilities = warning.vulnerabilities.map((vulnerability, n) => ({
        ...vulnerability,
        label: labels[n] ?? "",
    }))
    return [
        ...vulnerabilities.map(vulnerabilityItem),
        ...vulnerabilities.flatMap(({ label, products }) => {
            if (products.length === 0) return []
            return [textItem(`products ${label}`, products.map(productLine).join("\n"), `Affected by ${label}`)]
        }),
        ...(warning.published ? [] : [textItem("embargo", embargoText(warning, null), "Embargo")]),
    ]
}

function itemsOfMaster(master: Master): MispItem[] {
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
    { artifact: { tlp, pap, from }, master, items }: EventText,
    { published, changedAt }: Warning,
    id: (...names: readonly string[]) => string,
): Attribute[] {
    const isPublic = published && tlp !== "RED"
    const at = isPublic ? Math.max(from, changedAt) : from
    const labels = isPublic ? null : { tlp, pap }
    return items.map((item) => ({ ...item, id: id("text", master.artifact, item.key), at, labels }))
}
