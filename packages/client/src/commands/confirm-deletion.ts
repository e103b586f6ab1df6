/**
 * `tocsin confirm-deletion RECALL`: confirms, in a person's name, that the partner deleted its copies of a recalled
 * artifact.
 */
import { join } from "node:path"
import type { Command } from "commander"
import { refuse } from "@tocsin/base/refusal"
import { listCopies } from "./folder.ts"
import { type ExitCode, UsageError } from "@tocsin/base/command-line"
import {
    type OnlineOptions,
    type World,
    runClientCommand,
    connectByOptions,
    isId,
    jsonLine,
    onlineOptions,
    realWorld,
} from "./connection.ts"
import { recalledCopies } from "./recall-warnings.ts"

/** Options of the command. */
export interface ConfirmDeletionOptions extends OnlineOptions {
    readonly out?: string | undefined
}

/** Adds the command. */
export function confirmDeletionCommand(program: Command): void {
    onlineOptions(program.command("confirm-deletion"))
        .description("Confirm that you deleted your copies of a recalled artifact. You cannot undo this.")
        .argument("<recall>", "the recall's id, as `tocsin pull` prints it")
        .option("--out <dir>", "the folder of your copies; it must not contain the recalled copy", "tocsin")
        .action(async (recall: string, options: ConfirmDeletionOptions) => {
            process.exitCode = await confirmDeletion(recall, options, realWorld)
        })
}

/**
 * Confirms the deletion. Refuses `deletion.copy_present` while the folder has a recalled copy. Only the person knows
 * about copies elsewhere.
 */
export function confirmDeletion(id: string, options: ConfirmDeletionOptions, world: World): Promise<ExitCode> {
    return runClientCommand(world, async () => {
        if (!isId(id))
            throw new UsageError(`\`${id}\` is not the id of a recall: give the id that \`tocsin pull\` prints`)
        const client = await connectByOptions(options, world)
        const recall = (await client.listRecalls()).find((recall) => recall.id === id)
        const out = options.out ?? "tocsin"
        const [remainingCopy] = recall === undefined ? [] : recalledCopies(recall, await listCopies(out))
        if (remainingCopy !== undefined) {
            refuse(
                "conflict",
                "deletion.copy_present",
                `\`${join(out, remainingCopy.file)}\` is a recalled copy: delete it first`,
            )
        }
        const receipt = await client.confirmDeletion(id)
        if (options.json) world.result(jsonLine({ recall: id, receipt }))
        else world.result(`confirmed the deletion of ${recall?.name ?? id}; receipt ${receipt}`)
        return 0
    })
}
