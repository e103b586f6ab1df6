/**
 * `tocsin confirm-deletion RECALL`: confirms, in a person's name, that the partner deleted its copies of a recalled
 * artifact.
 */
import { join } from "node:path"
import type { Command } from "commander"
import { refuse } from "@tocsin/base/refusal"
import { copiesIn } from "./folder.ts"
import { type ExitCode, UsageError } from "@tocsin/base/command-line"
import {
    type OnlineOptions,
    type World,
    asked,
    connected,
    isId,
    jsonLine,
    onlineOptions,
    realWorld,
} from "./connection.ts"
import { copiesOf } from "./recall-warnings.ts"

/** Options of the command. */
export interface DeletedOptions extends OnlineOptions {
    readonly out?: string | undefined
}

/** Adds the command. */
export function deletedCommand(program: Command): void {
    onlineOptions(program.command("confirm-deletion"))
        .description("Confirm that you deleted your copies of a recalled artifact. You cannot undo this.")
        .argument("<recall>", "the recall's id, as `tocsin pull` prints it")
        .option("--out <dir>", "the folder of your copies, in which no recalled copy may be left", "tocsin")
        .action(async (recall: string, options: DeletedOptions) => {
            process.exitCode = await confirmDeleted(recall, options, realWorld)
        })
}

/**
 * Confirms the deletion. Refuses `deletion.copy_present` while the folder has a recalled copy. Only the person knows
 * about copies elsewhere.
 */
export function confirmDeleted(id: string, options: DeletedOptions, world: World): Promise<ExitCode> {
    return asked(world, async () => {
        if (!isId(id)) throw new UsageError(`\`${id}\` is no recall's id`)
        const client = await connected(options, world)
        const recall = (await client.recalls()).find((recall) => recall.id === id)
        const out = options.out ?? "tocsin"
        const [left] = recall === undefined ? [] : copiesOf(recall, await copiesIn(out))
        if (left !== undefined) {
            refuse("conflict", "deletion.copy_present", `\`${join(out, left.file)}\` is a copy of it: delete it first`)
        }
        const receipt = await client.confirmDeletion(id)
        if (options.json) world.result(jsonLine({ recall: id, receipt }))
        else world.result(`confirmed: ${recall?.name ?? id} is deleted; the receipt is ${receipt}`)
        return 0
    })
}
