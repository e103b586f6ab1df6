import { expect, test } from "vitest"
import { callerNetworkOf } from "@tocsin/rules/network"
import { unknownSender } from "../../models/sender.ts"
import { makeFindCaller } from "./callers.ts"

const credential = (name: string) => Buffer.from(name)
const network = callerNetworkOf("192.0.2.1")
const stranger = { bucket: network, name: network }

const presented = (name: string | null, address: string) => ({
    credential: name === null ? null : credential(name),
    sender: { ...unknownSender, address },
    use: `${name} ${address}`,
})

function createFindCaller(rememberedMax: number) {
    const lookups: string[] = []
    const findCaller = makeFindCaller(async ({ credential: input }) => {
        lookups.push(input.toString())
        return input.toString().startsWith("made up") ? null : "copperline"
    }, rememberedMax)
    return { lookups, of: (name: string | null) => findCaller(presented(name, "192.0.2.1")) }
}

test("a credential is counted separately, and queues under its owner", async () => {
    const { of: pick, lookups } = createFindCaller(10)
    const bucket = credential("first").toString("hex")
    expect(await pick("first")).toEqual({ bucket, name: "copperline" })
    expect(await pick("first")).toEqual({ bucket, name: "copperline" })
    expect(lookups).toEqual(["first"])
})

test("a caller without a valid credential is counted by address", async () => {
    const { of: pick } = createFindCaller(10)
    const askers = [await pick(null), await pick("made up 1"), await pick("made up 2")]
    expect(askers).toEqual([stranger, stranger, stranger])
})

test("all addresses of one IPv6 network count as one caller", async () => {
    const findCaller = makeFindCaller(async () => null)
    const first = await findCaller(presented(null, "2001:db8:1:2::1"))
    expect(await findCaller(presented(null, "2001:db8:1:2:dead:beef::1"))).toEqual(first)
    expect(await findCaller(presented("made up", "[2001:db8:1:2::3]:4711"))).toEqual(first)
    expect(await findCaller(presented(null, "2001:db8:1:3::1"))).not.toEqual(first)
})

test("it remembers a limited number of credentials, and no invented one", async () => {
    const { of: pick, lookups } = createFindCaller(2)
    for (const name of ["a", "b", "made up", "a", "c", "a", "b"]) await pick(name)
    expect(lookups).toEqual(["a", "b", "made up", "c", "b"])
})
