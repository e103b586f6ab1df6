/**
 * Manages the two collections of a partner: warnings to read, and sightings to write, read and delete. Each request
 * decides which objects are in one. When a reader first saw each object is stored.
 */
import { hide } from "../../kernel/route.ts"
import { commonId } from "../../share/delivery/actions/resolve-alias.ts"
import { partnerOf } from "../../share/delivery/actions/project-warnings.ts"
import type { ReadonlyFeedEntry, IndexedList } from "../../share/feed/rows.ts"
import type { Feed } from "../../share/feed/actions/lease-feed.ts"
import { readFeed } from "../../share/feed/actions/read-feed.ts"
import {
    type PartnerObject,
    deletePostedObject,
    nameOfObject,
    listObjectsForPartner,
    listObjectsById,
    loadObjectsFingerprint,
    loadObjectTexts,
} from "../../trace/sightings/actions/post-objects.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import { type ObjectsQuery, type ObjectFacts, afterOf, firstAfter, limitOf, matcherOf, pageOf } from "./request.ts"
import { type PageScope, decodePosition } from "./page.ts"
import { warningObjects } from "./objects.ts"
import { type EncodedObject, bytesOf, encodeGroup } from "./encode.ts"
import { stixType } from "./protocol.ts"

export type DatedObject = ReadonlyFeedEntry<EncodedObject>

export interface Page {
    readonly collection: Collection["name"]
    readonly items: readonly DatedObject[]
    readonly more: boolean
}

export interface Collection {
    readonly name: PageScope["collection"]
    readonly title: string
    readonly description: string
    /** Whether writing is allowed, and so deleting, which needs reading and writing. */
    readonly canWrite: boolean
    /** Reads the visible objects, of one object (null: all), as far as requested. */
    readonly page: (ctx: ActionContext, objectId: string | null, request: ObjectsQuery) => Promise<Page>
}

const collections: readonly Collection[] = [
    {
        name: "warnings",
        title: "Warnings",
        description: "Warnings that you may read: under embargo, and published since.",
        canWrite: false,
        page: loadWarningsPage,
    },
    {
        name: "sightings",
        title: "Sightings",
        description: "Sightings that you reported. No other partner reads them.",
        canWrite: true,
        page: loadSightingsPage,
    },
]

/** The reader, at any time. */
export type Reader = Pick<ActionContext, "actor" | "services">

/** Derives a UUIDv4, as TAXII requires, which differs by partner and so reveals nothing. */
const idOf = (reader: Reader, { name }: Collection): string =>
    commonId(reader.services.keys, "taxii-collections", [partnerOf(reader).partner, name])

/** Lists the collections. */
export const presentCollections = (ctx: ActionContext) =>
    collections.map((collection) => presentCollection(ctx, collection))

/** Presents a collection. */
export function presentCollection(ctx: ActionContext, collection: Collection) {
    const { title, description, canWrite } = collection
    const fields = { id: idOf(ctx, collection), title, description }
    return { ...fields, can_read: true, can_write: canWrite, media_types: [stixType] }
}

/**
 * Finds a collection by id or name, and hides unknown ones. The name is not listed as an `alias`: clients such as
 * taxii2-client refuse a collection whose address lacks its id.
 */
export function collectionOf(reader: Reader, idOrName: string): Collection {
    return (
        collections.find((collection) => idOrName === collection.name || idOrName === idOf(reader, collection)) ??
        hide()
    )
}

interface Selection<Item> {
    readonly collection: Collection["name"]
    readonly objects: IndexedList<ReadonlyFeedEntry<Item>>
    readonly sizeOf: (item: Item) => number
}

/** Selects the objects after the last page that match. */
function selectPage<Item extends ObjectFacts>(
    { actor, services }: Reader,
    { collection, objects, sizeOf }: Selection<Item>,
    request: ObjectsQuery,
): Pick<Page, "collection" | "more"> & { readonly items: ReadonlyFeedEntry<Item>[] } {
    const { person } = partnerOf({ actor })
    const limit = limitOf(request)
    const after = afterOf(request, (next) => decodePosition(services.keys, { person, collection }, next))
    const matches = matcherOf(request, objects)
    const from = firstAfter(objects, after)
    return {
        collection,
        ...pageOf(objects, {
            from,
            limit,
            matches: ({ item }) => matches(item),
            sizeOf: ({ item }) => sizeOf(item),
        }),
    }
}

/** Selects all versions of one object, and hides an unknown one. */
function versionsOfObject<Item extends ObjectFacts>(
    listed: IndexedList<ReadonlyFeedEntry<Item>>,
    objectId: string | null,
): IndexedList<ReadonlyFeedEntry<Item>> {
    if (objectId === null) return listed
    const versions = Iterator.from(listed)
        .filter(({ item }) => item.id === objectId)
        .toArray()
    return versions.length === 0 ? hide() : versions
}

async function loadWarningsPage(ctx: ActionContext, objectId: string | null, request: ObjectsQuery): Promise<Page> {
    return pageOfWarnings(ctx, versionsOfObject(await readFeed(ctx, warningObjects), objectId), request)
}

/** Builds a page of warnings. */
export function pageOfWarnings(reader: Reader, listed: IndexedList<DatedObject>, request: ObjectsQuery): Page {
    return selectPage(reader, { collection: "warnings", objects: listed, sizeOf: bytesOf }, request)
}

interface StoredObject extends PartnerObject, ObjectFacts {
    /** The id of the row; `id` is a keyed hash until decryption. */
    readonly rowId: string
}

const storedObject = (row: PartnerObject): StoredObject => ({ ...row, rowId: row.id, id: row.name, specVersion: "2.1" })

const storedObjectsFeed: Feed<StoredObject> = {
    collection: "sightings",
    load: async (ctx) => ({
        fingerprint: await loadObjectsFingerprint(ctx),
        loadItems: async () => (await listObjectsForPartner(ctx)).map(storedObject),
    }),
    keyOf: ({ id, version }) => `sighting ${id} ${version}`,
    bytesOf: () => 0,
}

/** Builds a page of sightings, and decrypts only its objects. */
async function loadSightingsPage(ctx: ActionContext, objectId: string | null, request: ObjectsQuery): Promise<Page> {
    const rows = await readFeed(ctx, storedObjectsFeed)
    const name = (id: string) => (id === "" ? "" : nameOfObject(ctx, id))
    const ids = request["match[id]"]?.split(",").map(name).join(",")
    const listed = versionsOfObject(rows, objectId === null ? null : name(objectId))
    const { items, ...rest } = selectPage(
        ctx,
        { collection: "sightings", objects: listed, sizeOf: charsOf },
        { ...request, ...(ids !== undefined && { "match[id]": ids }) },
    )
    const texts = await loadObjectTexts(
        ctx,
        items.map(({ item: stored }) => stored.rowId),
    )
    const encode = ({ rowId, type, version, specVersion, case: caseId }: StoredObject): readonly EncodedObject[] => {
        const text = texts.get(rowId) ?? ""
        const { id } = JSON.parse(text) as { id: string }
        const objectId = { id, type, version, specVersion, text }
        return encodeGroup("", { case: caseId, master: null, objects: [objectId], markings: [] }).objects
    }
    const dated = ({ item: stored, added, delivered }: ReadonlyFeedEntry<StoredObject>) =>
        encode(stored).map((encoded) => ({ item: encoded, added, delivered }))
    return { ...rest, items: items.flatMap(dated) }
}

const charsOf = ({ chars }: StoredObject): number => chars

/** Deletes all versions of a sightings object, or the requested ones. Hides an unknown object. */
export async function deleteObject(ctx: ActionContext, objectId: string, request: ObjectsQuery): Promise<void> {
    const versions = (await listObjectsById(ctx, [objectId])).map((row) => ({ row, item: storedObject(row) }))
    const matches = matcherOf({ "match[version]": "all", ...request }, versions)
    if (versions.length === 0) hide()
    await deletePostedObject(
        ctx,
        objectId,
        versions.flatMap(({ row, item: stored }) => (matches(stored) ? row : [])),
    )
}
