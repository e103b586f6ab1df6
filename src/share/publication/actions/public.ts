/** What anybody may read: documents as they were written at publication, and lists, joined from what stands in them. */
import type { Publisher } from "../../../lib/advisory.ts"
import { atomFeed, listPage } from "../../../lib/advisory-page.ts"
import type { Json } from "../../../lib/canonical.ts"
import type { CsafVersion } from "../../../lib/csaf.ts"
import { providerMetadata, rolieFeed, securityText, serviceDocument } from "../../../lib/csaf/provider.ts"
import { type Instant, formatInstant } from "../../../lib/instant.ts"
import { contactAddress, publisherOf } from "../../../platform/publishing.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import type { List } from "../documents.ts"
import * as store from "../store.ts"
import { publisherKey } from "./signing.ts"

/** A text that anybody may have, and when it was last another one. */
export interface PublicText {
    readonly text: string
    readonly at: Instant
}

const publisher = ({ doors }: Act): Publisher => publisherOf(doors.publishing, doors.portalOrigin)

/** Of pages and the Atom feed; CSAF lists are whole. */
const shownMax = 200
const listedMax = 1_000_000

/** What was published there, or what stands beside it (`.sha256`, `.sha512`, `.asc`); null for what is not there. */
export async function publicDocument(
    act: Act,
    path: string,
): Promise<{ readonly type: string; readonly text: string; readonly at: Instant } | null> {
    const suffix = /\.(?:sha256|sha512|asc)$/.exec(path)?.[0] ?? ""
    const row = await store.documentAt(act.tx, path.slice(0, path.length - suffix.length))
    if (!row || (suffix !== "" && row.signature === null)) return null
    const { type, body, sha256, sha512, signature, revisedAt: at } = row
    if (suffix === "") return { type, text: body, at }
    const name = row.path.slice(row.path.lastIndexOf("/") + 1)
    const beside = { ".sha256": `${sha256}  ${name}\n`, ".sha512": `${sha512}  ${name}\n`, ".asc": signature ?? "" }
    return { type: "text/plain; charset=utf-8", text: beside[suffix as keyof typeof beside], at }
}

/** The same as long as nothing is published: a list tells nothing of what is to come. */
const never: Instant = 0

async function joined(act: Act, list: List): Promise<{ readonly bodies: string[]; readonly at: Instant }> {
    const rows = await store.entries(act.tx, list, listedMax)
    return { bodies: rows.map(({ body }) => body), at: rows[0]?.revisedAt ?? never }
}

/** `index.txt` and `changes.csv`: newest first. */
export async function lines(act: Act, list: List): Promise<PublicText> {
    const { bodies, at } = await joined(act, list)
    return { text: bodies.join(""), at }
}

export async function rolie(act: Act, version: CsafVersion): Promise<PublicText> {
    const { bodies, at } = await joined(act, `rolie ${version}`)
    return { text: rolieFeed(publisher(act), version, at, bodies), at }
}

export async function atom(act: Act): Promise<PublicText> {
    const rows = await store.entries(act.tx, "atom", shownMax)
    const at = rows[0]?.revisedAt ?? never
    const bodies = rows.map(({ body }) => body)
    return { text: atomFeed(publisher(act), formatInstant(at), bodies), at }
}

export async function pageOfAll(act: Act): Promise<PublicText> {
    const rows = await store.entries(act.tx, "page", shownMax + 1)
    const bodies = rows.slice(0, shownMax).map(({ body }) => body)
    const text = listPage(publisher(act).name, bodies, rows.length > shownMax)
    return { text, at: rows[0]?.revisedAt ?? never }
}

export async function metadata(act: Act, version: CsafVersion): Promise<PublicText> {
    const key = await publisherKey(act)
    const at = Math.max(key.madeAt, (await store.newestAt(act.tx)) ?? never)
    return { text: written(providerMetadata(publisher(act), version, key, at)), at }
}

export async function publicKeyText(act: Act): Promise<PublicText> {
    const { publicText: text, madeAt: at } = await publisherKey(act)
    return { text, at }
}

export function service(act: Act): string {
    return written(serviceDocument(publisher(act)))
}

/** It holds for half a year and some days, by real time; the same text for a month. */
export function security(act: Act): string {
    const now = new Date(act.doors.realNow())
    const expires = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 7, 1)
    const { publishing, portalOrigin } = act.doors
    return securityText(publisher(act), contactAddress(publishing, portalOrigin), expires)
}

const written = (its: Json): string => `${JSON.stringify(its, null, 2)}\n`
