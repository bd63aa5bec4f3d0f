/**
 * Where the server of a results folder answers, so that `npm start` can use it: a file next to the folder's
 * lock. Only a server that outlives single tests publishes its address.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ownFolderOf } from './store/results-folder'

const fileOf = (folder: string) => join(ownFolderOf(folder), 'address')

/** Call this only while holding the folder. */
export function publishAddress(folder: string, url: string): void {
  writeFileSync(fileOf(folder), url)
}

/** The holder of the folder calls this first: the address may be that of an earlier server. */
export function withdrawAddress(folder: string): void {
  rmSync(fileOf(folder), { force: true })
}

/** Undefined if the server of this folder publishes none. */
export function publishedAddress(folder: string): string | undefined {
  try {
    return readFileSync(fileOf(folder), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
