/** Routes of TAXII 2.1: one API root with two collections, what this partner may see and what it reports. */
import { type Static, Type } from "typebox"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { type Again, type Input, Text, hide } from "../../kernel/route.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { masterOf } from "../../share/artifacts/actions.ts"
import { recordReads } from "../../share/cases/actions/record-reads.ts"
import { findLeased, recordLeased, rememberOwner } from "../../share/feed/actions/serve-again.ts"
import { partnerOf } from "../../share/delivery/actions/projection.ts"
import type { Given } from "../../share/delivery/actions/record-delivery.ts"
import { recordPage } from "../../share/feed/actions/record-page.ts"
import { undeliveredAmong } from "../../share/feed/actions/read-feed.ts"
import { type Content, type Cuttable, whileSeen } from "../../share/delivery/actions/check-in-flight.ts"
import { ownText } from "../../share/marking/actions.ts"
import { ownStatus } from "../../trace/sightings/actions/post-objects.ts"
import { type Asked, fullQuery, objectQuery, pagingQuery, versionQuery } from "./request.ts"
import {
    type Collection,
    type Page,
    type Reader,
    type Seen,
    allCollections,
    collectionOf,
    deleteOf,
    pageIn,
    presentCollection,
} from "./collections.ts"
import { nextFor } from "./page.ts"
import { warningObjects } from "./objects.ts"
import { type Version, type Written, joined } from "./encode.ts"
import { post } from "./post-objects.ts"
import { formatMicros, mediaType, stixType } from "./protocol.ts"

const base = "/taxii2/api/"
const bodyMax = 256 * 1024
/** Limit of one caller. Statuses are kept for two days. */
const postsPerHourMax = 3600
const collectionPath = "/taxii2/api/collections/{collection}/"
const word = Type.String({ maxLength: 200 })
const ofCollection = Type.Object({ collection: word }, { additionalProperties: false })
const ofObject = Type.Object({ collection: word, object: word }, { additionalProperties: false })
const query = <Fields extends typeof pagingQuery>(fields: Fields) =>
    Type.Object(fields, { additionalProperties: false })
const portal = { side: "portal" as const }
const get = { ...portal, method: "GET" as const }

const answer = (body: object, headers: Readonly<Record<string, string>> = {}) =>
    new Text(JSON.stringify(body), mediaType, headers)

/** Wraps encoded objects in an envelope, which is empty where there are none: TAXII allows no empty list. */
function envelope(
    reader: Reader,
    { items, more, collection }: Page,
    name: string,
): readonly [before: string, after: string] {
    const last = items.at(-1)
    if (last === undefined) return ["{}", ""]
    const { person } = partnerOf(reader)
    const next = more
        ? `,"next":${JSON.stringify(nextFor(reader.services.keys, { person, collection }, last.added))}`
        : ""
    return [`{"more":${more}${next},"${name}":[`, "]}"]
}

function dated(text: string | Buffer, { items }: Page): Text {
    const [first, last] = [items[0], items.at(-1)]
    if (!first || !last) return new Text(text, mediaType)
    return new Text(text, mediaType, {
        "x-taxii-date-added-first": formatMicros(first.added),
        "x-taxii-date-added-last": formatMicros(last.added),
    })
}

/** Builds a list resource. `written` holds the JSON of each item. */
function listed(reader: Reader, page: Page, name: string, written: readonly string[]): Text {
    const [before, after] = envelope(reader, page, name)
    return dated(`${before}${written.join()}${after}`, page)
}

/** Builds a page of objects and the text that the audit log hashes, in which each object is the hash of its text. */
function objectsIn(reader: Reader, page: Page): { readonly text: Text; readonly hashed: string } {
    const [before, after] = envelope(reader, page, "objects")
    const { pieces, hashes } = joined(page.items)
    const text = Buffer.concat([Buffer.from(before), ...pieces, Buffer.from(after)])
    return { text: dated(text, page), hashed: `${before}${hashes}${after}` }
}

/** Records the versions in an answer, and what this reader gets for the first time, before sending it. */
async function served(ctx: ActionContext, collection: Collection, page: Page): Promise<Cuttable> {
    const { text, hashed } = objectsIn(ctx, page)
    if (page.items.length === 0) return text
    const fresh = await undeliveredAmong(ctx, page.items)
    const given = await Promise.all(versionsIn(partsIn(fresh)).map((version) => givenOf(ctx, version)))
    const content = contentOf(page)
    await recordPage(ctx, {
        ...pageOf(collection, content, hashed),
        fresh: given,
        freshAt: fresh.map(({ added }) => added),
    })
    return seenStill(collection, content, text)
}

/** Wraps an answer that is cut when access ends. Sightings are all the reader's own. */
const seenStill = ({ name }: Collection, content: Content, text: Text): Cuttable =>
    name === "sightings" || content.cases.length === 0 ? text : whileSeen(text, content)

/** Lists the groups on a page. */
const partsIn = (items: readonly Seen[]): Written[] => [...new Set(items.map(({ of: carried }) => carried.part))]

function contentOf({ items }: Page): Content {
    const parts = partsIn(items)
    return { cases: [...new Set(parts.flatMap(({ case: caseId }) => caseId ?? []))], versions: versionsIn(parts) }
}

const pageOf = ({ name }: Collection, { cases, versions }: Content, hashed: string) => ({
    channel: "taxii" as const,
    collection: name,
    hashed,
    cases,
    masters: versions,
})

type OfObjects = Input<unknown, Asked, Static<typeof ofCollection>>

/** Serves the same page of warnings again where every object was delivered before. */
async function servedAgain(request: OfObjects & Again): Promise<Cuttable | null> {
    const { services, credential, params, query } = request
    const leased = findLeased(services, credential, warningObjects)
    if (leased === null) return null
    const reader = { actor: leased.actor, services }
    const collection = collectionOf(reader, params.collection)
    if (collection.name !== "warnings") return null
    const page = pageIn(reader, leased.rows, query)
    if (!page.items.every(({ delivered }) => delivered)) return null
    const { text, hashed } = objectsIn(reader, page)
    const content = contentOf(page)
    const served = page.items.length === 0 ? null : { ...pageOf(collection, content, hashed), fresh: [], freshAt: [] }
    return (await recordLeased(services, leased, served)) ? seenStill(collection, content, text) : null
}

async function givenOf(ctx: ActionContext, { artifact, version, isOwn }: Version): Promise<Given> {
    const master = await masterOf(ctx, artifact, version)
    const own = isOwn ? await ownText(ctx, master, partnerOf(ctx).partner) : null
    return { master, copy: own?.copy }
}

function versionsIn(parts: readonly Written[]): Version[] {
    const versions = parts.flatMap(({ master }) => master ?? [])
    return [...new Map(versions.map((version) => [`${version.artifact} ${version.version}`, version])).values()]
}

/** Checks that a collection is writable. Hides unknown collections, and refuses `taxii.read_only`. */
function assertTakes(ctx: ActionContext, called: string): void {
    if (collectionOf(ctx, called).canWrite) return
    refuse("forbidden", "taxii.read_only", "this collection is read-only")
}

export const routes = [
    route(
        { ...get, path: "/taxii2/", permission: "warning:read", summary: "TAXII: returns the discovery resource" },
        async (ask) => {
            const root = `${ask.services.portalOrigin}${base}`
            return answer({ title: "Tocsin", default: root, api_roots: [root] })
        },
    ),
    route(
        { ...get, path: "/taxii2/api/", permission: "warning:read", summary: "TAXII: returns the API root" },
        async () => answer({ title: "Warnings for this partner", versions: [mediaType], max_content_length: bodyMax }),
    ),
    route(
        {
            ...get,
            path: "/taxii2/api/status/{id}/",
            permission: "sighting:own",
            summary: "TAXII: returns the status of a request to add objects, to its sender, for two days",
            params: Type.Object({ id: word }, { additionalProperties: false }),
        },
        async (ask) => new Text((await ownStatus(ask, ask.params.id)) ?? hide(), mediaType),
    ),
    route(
        {
            ...get,
            path: "/taxii2/api/collections/",
            permission: "warning:read",
            summary: "TAXII: lists the collections",
        },
        async (ask) => answer({ collections: allCollections(ask) }),
    ),
    route(
        {
            ...get,
            path: collectionPath,
            permission: "warning:read",
            summary: "TAXII: returns a collection",
            params: ofCollection,
        },
        async (ask) => answer(presentCollection(ask, collectionOf(ask, ask.params.collection))),
    ),
    route(
        {
            ...get,
            path: `${collectionPath}objects/`,
            permission: "copy:read",
            summary: "TAXII: returns objects of a collection, and records them first",
            params: ofCollection,
            query: query(fullQuery),
            again: async (request) => {
                try {
                    return await servedAgain(request)
                } catch (error) {
                    if (error instanceof Refusal) return null
                    throw error
                }
            },
        },
        async (ask) => {
            const collection = collectionOf(ask, ask.params.collection)
            const text = await served(ask, collection, await collection.page(ask, null, ask.query))
            rememberOwner(ask, ask.credential)
            return text
        },
    ),
    route(
        {
            ...get,
            path: `${collectionPath}objects/{object}/`,
            permission: "copy:read",
            summary: "TAXII: returns one object, and records it first",
            params: ofObject,
            query: query(objectQuery),
        },
        async (ask) => {
            const collection = collectionOf(ask, ask.params.collection)
            return await served(ask, collection, await collection.page(ask, ask.params.object, ask.query))
        },
    ),
    route(
        {
            ...get,
            path: `${collectionPath}objects/{object}/versions/`,
            permission: "copy:read",
            summary: "TAXII: lists the versions of an object",
            params: ofObject,
            query: query({ ...pagingQuery, "match[spec_version]": objectQuery["match[spec_version]"] }),
        },
        async (ask) => {
            const request = { ...ask.query, "match[version]": "all" }
            const page = await collectionOf(ask, ask.params.collection).page(ask, ask.params.object, request)
            const written = page.items.map(({ of: carried }) => JSON.stringify(carried.version))
            await recordReads(ask, "facts", contentOf(page).cases)
            return listed(ask, page, "versions", written)
        },
    ),
    route(
        {
            ...get,
            path: `${collectionPath}manifest/`,
            permission: "copy:read",
            summary: "TAXII: lists the objects without their content",
            params: ofCollection,
            query: query(fullQuery),
        },
        async (ask) => {
            const collection = collectionOf(ask, ask.params.collection)
            const page = await collection.page(ask, null, ask.query)
            const written = page.items.map(({ of: { id, version }, added }) =>
                JSON.stringify({ id, date_added: formatMicros(added), version, media_type: stixType }),
            )
            const content = contentOf(page)
            await recordReads(ask, "facts", content.cases)
            return seenStill(collection, content, listed(ask, page, "objects", written))
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: `${collectionPath}objects/`,
            permission: "sighting:own",
            summary: "TAXII: adds objects to the sightings, each separately, and returns their status",
            params: ofCollection,
            body: Type.Unknown(),
            bodyMax,
            perHourMax: postsPerHourMax,
        },
        async (ask) => {
            assertTakes(ask, ask.params.collection)
            return new Text(JSON.stringify(await post(ask, ask.body)), mediaType, {}, 202)
        },
    ),
    route(
        {
            ...portal,
            method: "DELETE",
            path: `${collectionPath}objects/{object}/`,
            permission: "sighting:own",
            summary: "TAXII: deletes an object of the sightings, or versions of it, and withdraws its report",
            params: ofObject,
            query: Type.Object(versionQuery, { additionalProperties: false }),
        },
        async (ask) => {
            assertTakes(ask, ask.params.collection)
            await deleteOf(ask, ask.params.object, ask.query)
            return answer({})
        },
    ),
]
