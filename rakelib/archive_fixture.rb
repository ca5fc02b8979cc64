# frozen_string_literal: true

require_relative "fixture"

# Several files of one archive: they lie in a folder of its name, as in the archive.
class ArchiveFixture < Fixture
  # @param name [String] the folder is `fixtures/NAME`
  # @param registry [Registry]
  # @param package [String] with its version, as the registry's tool takes it
  # @param archive [Array(String, String)] name and sha256 of the file the registry gives, which is a .tgz
  # @param members [Array<String>] files and folders in the archive
  def initialize(name, registry:, package:, archive:, members:) # rubocop:disable Lint/MissingSuper
    @file = name
    @registry = registry
    @package = package
    @archive, @archive_sha256 = archive
    @members = members
  end

  # Whether the folder was made of this archive, and the members are there.
  def present?
    File.file?(seal) && File.read(seal) == @archive_sha256 && @members.all? { |member| File.exist?(File.join(path, member)) }
  end

  private

  # Written last.
  def seal
    File.join(path, "archive.sha256")
  end

  def extract
    FileUtils.rm_rf(path)
    FileUtils.mkdir_p(path)
    quietly("tar", "-xzf", archive_path, "-C", path, *@members) || raise(Missing, "#{archive_path} could not be unpacked.")
    File.write(seal, @archive_sha256)
    FileUtils.rm_f(archive_path)
  end
end
