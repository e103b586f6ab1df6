/** A key rotation that is cut off: the key file still opens the program, and the rotation can be repeated. */
import fs from "node:fs"
import path from "node:path"
import { checkAgain, lateIn, signalInside } from "./commands.ts"
import { type World, countOf, endServer, ensureServer, run, startLoad, untilLoaded } from "./world.ts"

/** How long a rotation takes, found out once. */
let rotationMs: number | null = null

async function timeOfRotation(world: World): Promise<number> {
    const start = performance.now()
    if ((await run(world, "rotate-key")).code !== 0) throw new Error("a rotation fails without a fault")
    return performance.now() - start
}

export async function killRotation(world: World, random: () => number): Promise<string[]> {
    // With a server and without one: the command then starts PostgreSQL itself.
    if (random() < 0.5) await ensureServer(world)
    else await endServer(world, "SIGTERM")
    const faults: string[] = []
    const must = async (what: string, ...args: string[]) => {
        const { code, err } = await run(world, "rotate-key", ...args)
        if (code !== 0) faults.push(`${what}: ${err.slice(0, 200)}`)
    }
    rotationMs ??= await timeOfRotation(world)
    if (random() < 0.4) {
        await must("a rotation fails")
        await signalInside(world, ["rotate-key", ...world.flags, "--finish"], "SIGKILL", lateIn(rotationMs, random))
    } else await signalInside(world, ["rotate-key", ...world.flags], "SIGKILL", lateIn(rotationMs, random))
    if (random() < 0.5) {
        await endServer(world, random() < 0.5 ? "SIGTERM" : "SIGKILL")
        faults.push(...(await checkAgain(world)))
    }
    await must("an interrupted rotation cannot be repeated")
    await must("the former key cannot be ended", "--finish")
    for (const name of fs.readdirSync(path.join(world.home, "keys"))) {
        if (/^key\.(former|new)-/.test(name)) fs.rmSync(path.join(world.home, "keys", name))
    }
    await endServer(world, "SIGTERM")
    return [...faults, ...(await checkAgain(world))]
}

/** The data keys are renewed under load, by commands that are cut off. */
export async function killRenewal(world: World, random: () => number): Promise<string[]> {
    const server = await ensureServer(world)
    const load = startLoad(world, server)
    await untilLoaded(world)
    const faults: string[] = []
    const must = async (what: string, ...args: string[]) => {
        const { code, err } = await run(world, "rotate-key", ...args)
        if (code !== 0) faults.push(`${what}: ${err.slice(0, 200)}`)
    }
    // With a new key file too: the server must read it again.
    if (random() < 0.5) {
        await must("a rotation fails")
        await must("the former key cannot be ended", "--finish")
    }
    const start = performance.now()
    await must("the data keys cannot be renewed", "--data-keys")
    const renewalMs = performance.now() - start
    for (let n = 0; n < 3; n++) {
        const args = ["rotate-key", ...world.flags, "--data-keys"]
        await signalInside(world, args, "SIGKILL", lateIn(renewalMs, random))
    }
    const before = countOf(world.ledger)
    await untilLoaded(world)
    if (countOf(world.ledger) === before) faults.push("the server serves no copy after a renewal")
    await load.stop()
    faults.push(...load.faults, ...(await checkAgain(world)))
    await endServer(world, random() < 0.5 ? "SIGTERM" : "SIGKILL")
    return [...faults, ...(await checkAgain(world))]
}
