#!/usr/bin/env node
// The only file that an old Node must be able to read: it says in one line that the Node is too old.
import fs from "fs"

var needed = [24, 11]
var have = process.versions.node.split(".").map(Number)
var enough = have[0] > needed[0] || (have[0] === needed[0] && have[1] >= needed[1])

function url(file) {
    return new URL(file, import.meta.url)
}

function run() {
    if (!fs.existsSync(url("../src/main.ts"))) return import("../dist/main.js")
    var screens = ["demo", "serve"].indexOf(process.argv[2]) >= 0
    var ready = screens ? import("../../scripts/web.ts").then((web) => web.buildIfStale()) : Promise.resolve()
    return ready.then(() => import("../src/main.ts"))
}

if (enough) {
    run().catch((error) => {
        console.error(error)
        process.exit(1)
    })
} else {
    console.error("tocsin needs Node " + needed.join(".") + " or newer: this is " + process.versions.node)
    process.exit(1)
}
