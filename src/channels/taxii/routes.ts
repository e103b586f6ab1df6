/** TAXII 2.1 for partners, to read: one API root, and in it one collection, of what this partner may see now. */
import { Type } from "typebox"
import { refuse } from "../../lib/refusal.ts"
import { Text, hide } from "../../platform/http.ts"
import { type Act, route } from "../../trust/audit/actions.ts"
import type { Master } from "../../share/artifacts/actions.ts"
import { nameFor } from "../../share/delivery/actions/names.ts"
import { partnerOf } from "../../share/delivery/actions/projection.ts"
import { recordPage } from "../../share/delivery/actions/serving.ts"
import { type Dated, shownNow } from "../../share/delivery/actions/shown.ts"
import {
    type Asked,
    type Matched,
    afterOf,
    fullQuery,
    limitOf,
    matcherOf,
    objectQuery,
    pageOf,
    pagingQuery,
} from "./asking.ts"
import { nextFor, positionOf } from "./next.ts"
import { type Carried, carriedTo } from "./objects.ts"
import { formatMicros, mediaType, stixType } from "./taxii.ts"

const base = "/taxii2/api/"
const alias = "warnings"
const bodyMax = 256 * 1024
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

/** Another one for each partner, so that it tells nothing. */
function collectionId(act: Act): string {
    return nameFor(act.doors.keys, partnerOf(act).partner, "collection", "00000000-0000-0000-0000-000000000001")
}

function collection(act: Act) {
    return {
        id: collectionId(act),
        title: "Warnings",
        description: "What you may see of vulnerabilities that are not public yet, and what was published since.",
        alias,
        can_read: true,
        can_write: false,
        media_types: [stixType],
    }
}

function mustBeKnown(act: Act, called: string): void {
    if (called !== alias && called !== collectionId(act)) hide()
}

type Seen = Dated<Carried>

interface Page {
    readonly items: readonly Seen[]
    readonly more: boolean
}

/** What is seen now, of one object (null: of all), as far as it is asked for. */
async function pageFor(act: Act, called: string, object: string | null, asked: Asked): Promise<Page> {
    mustBeKnown(act, called)
    const { partner, person } = partnerOf(act)
    const limit = limitOf(asked)
    const after = afterOf(asked, (next) => positionOf(act.doors.keys, person, next))
    const all = await shownNow(act, {
        channel: "taxii",
        see: (then) => carriedTo(then, partner),
        keyOf: ({ id, version }) => `${id} ${version}`,
    })
    const its = object === null ? all : all.filter(({ of }) => of.id === object)
    if (object !== null && its.length === 0) hide()
    const fits = matcherOf(
        asked,
        its.map(({ of }): Matched => of),
    )
    const found = its.filter(({ of, added }) => added > after && fits(of))
    const items = pageOf(found, limit, ({ of }) => of.text.length)
    return { items, more: items.length < found.length }
}

/** Empty where there is nothing: no empty list stands in TAXII. */
function envelope(act: Act, { items, more }: Page, name: string, written: readonly string[]): Text {
    const [first, last] = [items[0], items.at(-1)]
    if (!first || !last) return answer({})
    const { person } = partnerOf(act)
    const next = more ? `,"next":${JSON.stringify(nextFor(act.doors.keys, person, last.added))}` : ""
    return new Text(`{"more":${more}${next},"${name}":[${written.join(",")}]}`, mediaType, {
        "x-taxii-date-added-first": formatMicros(first.added),
        "x-taxii-date-added-last": formatMicros(last.added),
    })
}

/** On record first: which versions are in it, and what was never handed to this reader before. */
async function served(act: Act, page: Page): Promise<Text> {
    const written = page.items.map(({ of }) => of.text)
    const text = envelope(act, page, "objects", written)
    if (page.items.length === 0) return text
    const fresh = page.items.filter(({ delivered }) => !delivered)
    await recordPage(act, {
        ...{ channel: "taxii", collection: alias, text: text.text },
        cases: [...new Set(page.items.flatMap(({ of }) => of.case ?? []))],
        ...{ masters: mastersOf(page.items), fresh: mastersOf(fresh), freshAt: fresh.map(({ added }) => added) },
    })
    return text
}

const mastersOf = (items: readonly Seen[]): Master[] => [...new Set(items.flatMap(({ of }) => of.master ?? []))]

/** Nobody writes here: of what is not there it is not said either. */
function readOnly(act: Act, called: string): never {
    mustBeKnown(act, called)
    refuse("forbidden", "taxii.read_only", "this collection is to read")
}

export const routes = [
    route({ ...get, path: "/taxii2/", needs: "warning:read", does: "TAXII: where the API root is" }, async (ask) => {
        const root = `${ask.doors.portalOrigin}${base}`
        return answer({ title: "Tocsin", default: root, api_roots: [root] })
    }),
    route({ ...get, path: "/taxii2/api/", needs: "warning:read", does: "TAXII: the API root" }, async () =>
        answer({ title: "Warnings for this partner", versions: [mediaType], max_content_length: bodyMax }),
    ),
    route(
        {
            ...get,
            path: "/taxii2/api/status/{id}/",
            needs: "warning:read",
            does: "TAXII: what became of a request to add objects; there is none",
            params: Type.Object({ id: word }, { additionalProperties: false }),
        },
        async () => hide(),
    ),
    route(
        { ...get, path: "/taxii2/api/collections/", needs: "warning:read", does: "TAXII: the collections" },
        async (ask) => answer({ collections: [collection(ask)] }),
    ),
    route(
        { ...get, path: collectionPath, needs: "warning:read", does: "TAXII: a collection", params: ofCollection },
        async (ask) => {
            mustBeKnown(ask, ask.params.collection)
            return answer(collection(ask))
        },
    ),
    route(
        {
            ...get,
            path: `${collectionPath}objects/`,
            needs: "copy:read",
            does: "TAXII: objects of a collection; what is answered is on record first",
            params: ofCollection,
            query: query(fullQuery),
        },
        async (ask) => await served(ask, await pageFor(ask, ask.params.collection, null, ask.query)),
    ),
    route(
        {
            ...get,
            path: `${collectionPath}objects/{object}/`,
            needs: "copy:read",
            does: "TAXII: one object; on record as above",
            params: ofObject,
            query: query(objectQuery),
        },
        async (ask) => await served(ask, await pageFor(ask, ask.params.collection, ask.params.object, ask.query)),
    ),
    route(
        {
            ...get,
            path: `${collectionPath}objects/{object}/versions/`,
            needs: "copy:read",
            does: "TAXII: the versions of an object",
            params: ofObject,
            query: query({ ...pagingQuery, "match[spec_version]": objectQuery["match[spec_version]"] }),
        },
        async (ask) => {
            const asked = { ...ask.query, "match[version]": "all" }
            const page = await pageFor(ask, ask.params.collection, ask.params.object, asked)
            const written = page.items.map(({ of }) => JSON.stringify(of.version))
            return envelope(ask, page, "versions", written)
        },
    ),
    route(
        {
            ...get,
            path: `${collectionPath}manifest/`,
            needs: "copy:read",
            does: "TAXII: what objects there are, without their content",
            params: ofCollection,
            query: query(fullQuery),
        },
        async (ask) => {
            const page = await pageFor(ask, ask.params.collection, null, ask.query)
            const written = page.items.map(({ of: { id, version }, added }) =>
                JSON.stringify({ id, date_added: formatMicros(added), version, media_type: stixType }),
            )
            return envelope(ask, page, "objects", written)
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: `${collectionPath}objects/`,
            needs: "copy:read",
            does: "TAXII: adds objects, where a collection takes any",
            params: ofCollection,
            body: Type.Object({}),
            bodyMax,
        },
        async (ask) => readOnly(ask, ask.params.collection),
    ),
    route(
        {
            ...portal,
            method: "DELETE",
            path: `${collectionPath}objects/{object}/`,
            needs: "copy:read",
            does: "TAXII: deletes an object, where a collection lets one",
            params: ofObject,
            query: query(objectQuery),
        },
        async (ask) => readOnly(ask, ask.params.collection),
    ),
]
