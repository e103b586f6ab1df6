/** Routes of TAXII 2.1: one API root with two collections, what this partner may see and what it reports. */
import { type Static, Type } from "typebox"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { type WithoutTransaction, type Input, TextAnswer, hide } from "../../kernel/route.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { loadMaster } from "../../share/artifacts/actions/load-artifacts.ts"
import { recordReads } from "../../share/cases/actions/record-reads.ts"
import { findLeasedFeed, recordLeasedPage, rememberOwner } from "../../share/feed/actions/serve-leased-page.ts"
import { partnerOf } from "../../share/delivery/actions/project-warnings.ts"
import type { ServedMaster } from "../../share/delivery/actions/record-delivery.ts"
import { recordPage } from "../../share/feed/actions/record-page.ts"
import { listUndelivered } from "../../share/feed/actions/read-feed.ts"
import { type ServedContent, type RevocableText, whileVisible } from "../../share/delivery/actions/check-in-flight.ts"
import { makeCopyText } from "../../share/marking/actions/mark-copy.ts"
import { findStatusForPerson } from "../../trace/sightings/actions/post-objects.ts"
import { type ObjectsQuery, fullQuery, objectQuery, pagingQuery, versionQuery } from "./request.ts"
import {
    type Collection,
    type Page,
    type Reader,
    type DatedObject,
    presentCollections,
    collectionOf,
    deleteObject,
    pageOfWarnings,
    presentCollection,
} from "./collections.ts"
import { encodePosition } from "./page.ts"
import { warningObjects } from "./objects.ts"
import { type ServedVersion, type EncodedGroup, joinObjects } from "./encode.ts"
import { postObjects } from "./post-objects.ts"
import { formatMicros, mediaType, stixType } from "./protocol.ts"

const base = "/taxii2/api/"
const bodyMax = 256 * 1024
/** Limit of one caller. Statuses are kept for two days. */
const postsPerHourMax = 3600
const collectionPath = "/taxii2/api/collections/{collection}/"
const pathPart = Type.String({ maxLength: 200 })
const collectionParams = Type.Object({ collection: pathPart }, { additionalProperties: false })
const objectParams = Type.Object({ collection: pathPart, object: pathPart }, { additionalProperties: false })
const querySchema = <Fields extends typeof pagingQuery>(fields: Fields) =>
    Type.Object(fields, { additionalProperties: false })
const portal = { side: "portal" as const }
const portalGet = { ...portal, method: "GET" as const }

const jsonAnswer = (body: object, headers: Readonly<Record<string, string>> = {}) =>
    new TextAnswer(JSON.stringify(body), mediaType, headers)

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
        ? `,"next":${JSON.stringify(encodePosition(reader.services.keys, { person, collection }, last.added))}`
        : ""
    return [`{"more":${more}${next},"${name}":[`, "]}"]
}

function withAddedHeaders(text: string | Buffer, { items }: Page): TextAnswer {
    const [first, last] = [items[0], items.at(-1)]
    if (!first || !last) return new TextAnswer(text, mediaType)
    return new TextAnswer(text, mediaType, {
        "x-taxii-date-added-first": formatMicros(first.added),
        "x-taxii-date-added-last": formatMicros(last.added),
    })
}

/** Builds a list resource. `written` holds the JSON of each item. */
function listResource(reader: Reader, page: Page, name: string, itemTexts: readonly string[]): TextAnswer {
    const [before, after] = envelope(reader, page, name)
    return withAddedHeaders(`${before}${itemTexts.join()}${after}`, page)
}

/** Builds a page of objects and the text that the audit log hashes, in which each object is the hash of its text. */
function objectsText(reader: Reader, page: Page): { readonly text: TextAnswer; readonly hashInput: string } {
    const [before, after] = envelope(reader, page, "objects")
    const { pieces, hashes } = joinObjects(page.items)
    const text = Buffer.concat([Buffer.from(before), ...pieces, Buffer.from(after)])
    return { text: withAddedHeaders(text, page), hashInput: `${before}${hashes}${after}` }
}

/** Records the versions in an answer, and what this reader gets for the first time, before sending it. */
async function serveObjects(ctx: ActionContext, collection: Collection, page: Page): Promise<RevocableText> {
    const { text, hashInput: hashed } = objectsText(ctx, page)
    if (page.items.length === 0) return text
    const fresh = await listUndelivered(ctx, page.items)
    const delivered = await Promise.all(versionsIn(groupsIn(fresh)).map((version) => loadDeliveredText(ctx, version)))
    const content = contentOf(page)
    await recordPage(ctx, {
        ...pageRecordOf(collection, content, hashed),
        fresh: delivered,
        freshAt: fresh.map(({ added }) => added),
    })
    return cutWhenHidden(collection, content, text)
}

/** Wraps an answer that is cut when access ends. Sightings are all the reader's own. */
const cutWhenHidden = ({ name }: Collection, content: ServedContent, text: TextAnswer): RevocableText =>
    name === "sightings" || content.cases.length === 0 ? text : whileVisible(text, content)

/** Lists the groups on a page. */
const groupsIn = (items: readonly DatedObject[]): EncodedGroup[] => [
    ...new Set(items.map(({ item: object }) => object.group)),
]

function contentOf({ items }: Page): ServedContent {
    const groups = groupsIn(items)
    return { cases: [...new Set(groups.flatMap(({ case: caseId }) => caseId ?? []))], versions: versionsIn(groups) }
}

const pageRecordOf = ({ name }: Collection, { cases, versions }: ServedContent, hashed: string) => ({
    channel: "taxii" as const,
    collection: name,
    hashInput: hashed,
    cases,
    masters: versions,
})

type ObjectsRequest = Input<unknown, ObjectsQuery, Static<typeof collectionParams>>

/** Serves the same page of warnings again where every object was delivered before. */
async function serveLeased(request: ObjectsRequest & WithoutTransaction): Promise<RevocableText | null> {
    const { services, credential, params, query } = request
    const leased = findLeasedFeed(services, credential, warningObjects)
    if (leased === null) return null
    const reader = { actor: leased.actor, services }
    const collection = collectionOf(reader, params.collection)
    if (collection.name !== "warnings") return null
    const page = pageOfWarnings(reader, leased.rows, query)
    if (!page.items.every(({ delivered }) => delivered)) return null
    const { text, hashInput: hashed } = objectsText(reader, page)
    const content = contentOf(page)
    const record =
        page.items.length === 0 ? null : { ...pageRecordOf(collection, content, hashed), fresh: [], freshAt: [] }
    return (await recordLeasedPage(services, leased, record)) ? cutWhenHidden(collection, content, text) : null
}

async function loadDeliveredText(
    ctx: ActionContext,
    { artifact, version, isMarkedCopy }: ServedVersion,
): Promise<ServedMaster> {
    const master = await loadMaster(ctx, artifact, version)
    const ownCopy = isMarkedCopy ? await makeCopyText(ctx, master, partnerOf(ctx).partner) : null
    return { master, copy: ownCopy?.copy }
}

function versionsIn(groups: readonly EncodedGroup[]): ServedVersion[] {
    const versions = groups.flatMap(({ master }) => master ?? [])
    return [...new Map(versions.map((version) => [`${version.artifact} ${version.version}`, version])).values()]
}

/** Checks that a collection is writable. Hides unknown collections, and refuses `taxii.read_only`. */
function assertWritable(ctx: ActionContext, idOrName: string): void {
    if (collectionOf(ctx, idOrName).canWrite) return
    refuse("forbidden", "taxii.read_only", "this collection is read-only")
}

export const routes = [
    route(
        {
            ...portalGet,
            path: "/taxii2/",
            permission: "warning:read",
            summary: "TAXII: returns the discovery resource",
        },
        async (ctx) => {
            const root = `${ctx.services.portalOrigin}${base}`
            return jsonAnswer({ title: "Tocsin", default: root, api_roots: [root] })
        },
    ),
    route(
        { ...portalGet, path: "/taxii2/api/", permission: "warning:read", summary: "TAXII: returns the API root" },
        async () =>
            jsonAnswer({ title: "Warnings for this partner", versions: [mediaType], max_content_length: bodyMax }),
    ),
    route(
        {
            ...portalGet,
            path: "/taxii2/api/status/{id}/",
            permission: "sighting:own",
            summary: "TAXII: returns the status of a request to add objects, to its sender, for two days",
            params: Type.Object({ id: pathPart }, { additionalProperties: false }),
        },
        async (ctx) => new TextAnswer((await findStatusForPerson(ctx, ctx.params.id)) ?? hide(), mediaType),
    ),
    route(
        {
            ...portalGet,
            path: "/taxii2/api/collections/",
            permission: "warning:read",
            summary: "TAXII: lists the collections",
        },
        async (ctx) => jsonAnswer({ collections: presentCollections(ctx) }),
    ),
    route(
        {
            ...portalGet,
            path: collectionPath,
            permission: "warning:read",
            summary: "TAXII: returns a collection",
            params: collectionParams,
        },
        async (ctx) => jsonAnswer(presentCollection(ctx, collectionOf(ctx, ctx.params.collection))),
    ),
    route(
        {
            ...portalGet,
            path: `${collectionPath}objects/`,
            permission: "copy:read",
            scope: "poll",
            summary: "TAXII: returns objects of a collection, and records them first",
            params: collectionParams,
            query: querySchema(fullQuery),
            reuseAnswer: async (request) => {
                try {
                    return await serveLeased(request)
                } catch (error) {
                    if (error instanceof Refusal) return null
                    throw error
                }
            },
        },
        async (ctx) => {
            const collection = collectionOf(ctx, ctx.params.collection)
            const text = await serveObjects(ctx, collection, await collection.page(ctx, null, ctx.query))
            rememberOwner(ctx, ctx.credential)
            return text
        },
    ),
    route(
        {
            ...portalGet,
            path: `${collectionPath}objects/{object}/`,
            permission: "copy:read",
            scope: "poll",
            summary: "TAXII: returns one object, and records it first",
            params: objectParams,
            query: querySchema(objectQuery),
        },
        async (ctx) => {
            const collection = collectionOf(ctx, ctx.params.collection)
            return await serveObjects(ctx, collection, await collection.page(ctx, ctx.params.object, ctx.query))
        },
    ),
    route(
        {
            ...portalGet,
            path: `${collectionPath}objects/{object}/versions/`,
            permission: "copy:read",
            scope: "poll",
            summary: "TAXII: lists the versions of an object",
            params: objectParams,
            query: querySchema({ ...pagingQuery, "match[spec_version]": objectQuery["match[spec_version]"] }),
        },
        async (ctx) => {
            const request = { ...ctx.query, "match[version]": "all" }
            const page = await collectionOf(ctx, ctx.params.collection).page(ctx, ctx.params.object, request)
            const itemTexts = page.items.map(({ item: object }) => JSON.stringify(object.version))
            await recordReads(ctx, "facts", contentOf(page).cases)
            return listResource(ctx, page, "versions", itemTexts)
        },
    ),
    route(
        {
            ...portalGet,
            path: `${collectionPath}manifest/`,
            permission: "copy:read",
            scope: "poll",
            summary: "TAXII: lists the objects without their content",
            params: collectionParams,
            query: querySchema(fullQuery),
        },
        async (ctx) => {
            const collection = collectionOf(ctx, ctx.params.collection)
            const page = await collection.page(ctx, null, ctx.query)
            const itemTexts = page.items.map(({ item: { id, version }, added }) =>
                JSON.stringify({ id, date_added: formatMicros(added), version, media_type: stixType }),
            )
            const content = contentOf(page)
            await recordReads(ctx, "facts", content.cases)
            return cutWhenHidden(collection, content, listResource(ctx, page, "objects", itemTexts))
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: `${collectionPath}objects/`,
            permission: "sighting:own",
            summary: "TAXII: adds objects to the sightings, each separately, and returns their status",
            params: collectionParams,
            body: Type.Unknown(),
            bodyMax,
            perHourMax: postsPerHourMax,
        },
        async (ctx) => {
            assertWritable(ctx, ctx.params.collection)
            return new TextAnswer(JSON.stringify(await postObjects(ctx, ctx.body)), mediaType, {}, 202)
        },
    ),
    route(
        {
            ...portal,
            method: "DELETE",
            path: `${collectionPath}objects/{object}/`,
            permission: "sighting:own",
            summary: "TAXII: deletes an object of the sightings, or versions of it, and withdraws its report",
            params: objectParams,
            query: Type.Object(versionQuery, { additionalProperties: false }),
        },
        async (ctx) => {
            assertWritable(ctx, ctx.params.collection)
            await deleteObject(ctx, ctx.params.object, ctx.query)
            return jsonAnswer({})
        },
    ),
]
