/** The compiler compares the types of the client with those of the server's answers. */
import type * as client from "@tocsin/client/api"
import { expectTypeOf, test } from "vitest"
import type { presentRecall } from "../server/src/channels/portal/recalls.ts"
import type { presentWarning } from "../server/src/channels/portal/routes.ts"
import type { presentSightingForPartner } from "../server/src/channels/portal/sightings.ts"
import type { PostStatus } from "../server/src/channels/taxii/post-objects.ts"
import type { TestResult } from "../server/src/share/delivery/test-result.ts"
import type { presentProtection } from "../server/src/trace/sightings/routes.ts"
import type {
    presentAcceptance,
    presentFacts,
    presentKey,
    presentPerson,
} from "../server/src/trust/partners/routes/present.ts"
import type { AccessListForPartner } from "../server/src/trust/partners/roster/actions/manage-access-lists.ts"
import type { ReceiptLogCheckpoint } from "../server/src/trust/receipts/actions/load-receipts.ts"

test("the client declares what the server answers", () => {
    expectTypeOf<ReturnType<typeof presentWarning>>().toExtend<client.Warning>()
    expectTypeOf<keyof client.Warning>().toEqualTypeOf<keyof ReturnType<typeof presentWarning>>()
    expectTypeOf<ReturnType<typeof presentRecall>>().toExtend<client.Recall>()
    expectTypeOf<ReturnType<typeof presentSightingForPartner>>().toExtend<client.Sighting>()
    expectTypeOf<PostStatus>().toExtend<client.TaxiiStatus>()
    expectTypeOf<Omit<ReceiptLogCheckpoint, "at"> & { at: string; keyChanges: number }>().toExtend<client.Head>()
    expectTypeOf<AccessListForPartner>().toExtend<client.AccessList>()
    expectTypeOf<client.NewTestResult>().toExtend<TestResult>()
    expectTypeOf<ReturnType<typeof presentPerson>>().toExtend<client.Person>()
    expectTypeOf<ReturnType<typeof presentKey>>().toExtend<client.Key>()
    expectTypeOf<ReturnType<typeof presentFacts>>().toExtend<Omit<client.Account["partner"], Joined>>()
    expectTypeOf<ReturnType<typeof presentAcceptance>>().toExtend<client.Account["partner"]["acceptances"][number]>()
    expectTypeOf<ReturnType<typeof presentProtection>>().toExtend<Omit<client.ProtectionStatus, "warning">>()
})

type Joined = "name" | "mail" | "roster" | "keys" | "acceptances"
