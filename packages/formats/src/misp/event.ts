/**
 * Renders a warning as an event of MISP, in its core format. Ids and instants are arguments.
 *
 * The event is for the reader's own organisation (distribution 0) and unpublished, so that MISP does not share it
 * automatically.
 */
import type { Json } from "@tocsin/base/canonical"
import { severityOf } from "../advisory/cvss.ts"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { strictest } from "../stix/render.ts"
import { type Labels, papLabels } from "../stix/tlp.ts"
import type { MispItem } from "./items.ts"

/** An attribute of a MISP event, with its id and its labels. */
export interface Attribute extends MispItem {
    readonly id: string
    readonly at: Instant
    /** Null where it has none of its own. */
    readonly labels: Labels | null
}

/** A warning or an advisory as one MISP event. */
export interface MispEvent {
    readonly id: string
    readonly title: string
    /** The publisher. */
    readonly publisher: { readonly id: string; readonly name: string }
    /** When it was released to this reader. */
    readonly releasedAt: Instant
    /** A MISP takes an event again only where this is later than what it has. */
    readonly changedAt: Instant
    readonly isPublic: boolean
    readonly scores: readonly number[]
    readonly attributes: readonly Attribute[]
}

/** Returns a MISP event as JSON (MISP core format), with the strictest TLP and PAP labels as its tags. */
export function eventOf({
    id,
    title,
    publisher,
    releasedAt,
    changedAt,
    isPublic,
    scores,
    attributes,
}: MispEvent): Json {
    const labels = attributes.flatMap((attribute) => attribute.labels ?? [])
    const paps = labels.map(({ pap }) => papLabels.indexOf(pap))
    const pap = papLabels[Math.max(...paps)]
    // The event takes the strictest label of its attributes, even where their texts may go further.
    const tlp = strictest(
        labels.map((labels) => labels.tlp),
        isPublic ? "CLEAR" : "AMBER+STRICT",
    )
    return {
        Event: {
            uuid: id,
            info: title,
            date: formatInstant(releasedAt).slice(0, 10),
            timestamp: seconds(changedAt),
            threat_level_id: threatOf(Math.max(0, ...scores)),
            analysis: isPublic ? "2" : "1",
            distribution: "0",
            published: false,
            Orgc: { uuid: publisher.id, name: publisher.name },
            Tag: [{ name: `tlp:${tlp.toLowerCase()}` }, ...(pap === undefined ? [] : [{ name: `PAP:${pap}` }])],
            Attribute: attributes.map(attributeOf),
        },
    }
}

function attributeOf({ id, at, labels, type, category, value, data, comment, toIds }: Attribute): Json {
    return {
        uuid: id,
        type,
        category,
        value,
        comment,
        ...(data !== null && { data }),
        to_ids: toIds,
        // Inherits the distribution of the event.
        distribution: "5",
        timestamp: seconds(at),
        ...(labels !== null && {
            Tag: [{ name: `tlp:${labels.tlp.toLowerCase()}` }, { name: `PAP:${labels.pap}` }],
        }),
    }
}

const seconds = (instant: Instant): string => String(Math.floor(instant / 1000))

/** 1 is high, 4 is undefined. */
function threatOf(score: number): string {
    return { CRITICAL: "1", HIGH: "1", MEDIUM: "2", LOW: "3", NONE: "4" }[severityOf(score)]
}
